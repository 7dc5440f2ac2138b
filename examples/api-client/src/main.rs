//! Lists the container groups of a region with `eci-api` alone.
//!
//! ```console
//! $ eci sandbox serve          # prints the variables to set
//! $ cargo run -p eci-example-api-client
//! ```

use std::env;
use std::error::Error;

use eci_api::types::ContainerGroupFilter;
use eci_api::{Api as _, Client, ClientConfig, Credentials, Endpoints};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let credentials = Credentials::new(env::var("CTYUN_AK")?, env::var("CTYUN_SK")?);
    let mut config = ClientConfig::new(credentials, env::var("CTYUN_REGION_ID")?);
    if let Ok(endpoint) = env::var("CTYUN_ECI_ENDPOINT") {
        config.endpoints = Endpoints::all_at(endpoint);
    }
    let client = Client::new(config)?;
    let filter = ContainerGroupFilter::default();
    let groups = client.list_container_groups(&filter).await?;
    for group in &groups {
        println!("{} is {}", group.container_group_id, group.status);
    }
    println!("{} container groups", groups.len());
    Ok(())
}
