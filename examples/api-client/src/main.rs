//! Lists the container groups of a region with `eci-api` alone, or creates one.
//!
//! ```console
//! $ eci sandbox serve          # prints the variables to set
//! $ cargo run -p eci-example-api-client
//! $ cargo run -p eci-example-api-client web     # creates `web`, in the zone and network of the variables below
//! ```

use std::env;
use std::error::Error;

use eci_api::types::{
    Container, ContainerGroupFilter, CreateContainerGroup, GroupNetwork, RestartPolicy,
};
use eci_api::{Api as _, Client, ClientConfig, Credentials, Endpoints};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let credentials = Credentials::new(env::var("CTYUN_AK")?, env::var("CTYUN_SK")?);
    let mut config = ClientConfig::new(credentials, env::var("CTYUN_REGION_ID")?);
    if let Ok(endpoint) = env::var("CTYUN_ECI_ENDPOINT") {
        config.endpoints = Endpoints::all_at(endpoint);
    }
    let client = Client::new(config)?;
    if let Some(name) = env::args().nth(1) {
        let network = GroupNetwork {
            az_name: env::var("AZ_NAME")?,
            vpc_id: env::var("VPC_ID")?,
            vswitch_id: env::var("SUBNET_ID")?,
            security_group_id: env::var("SECURITY_GROUP_ID")?,
        };
        let containers = vec![Container::new("main", "nginx:1.27")];
        let request = CreateContainerGroup::new(name, network, RestartPolicy::Always, containers);
        let created = client.create_container_group(&request).await?;
        println!("created {}", created.container_group_id);
        return Ok(());
    }
    let filter = ContainerGroupFilter::default();
    let groups = client.list_container_groups(&filter).await?;
    for group in &groups {
        println!("{} is {}", group.container_group_id, group.status);
    }
    println!("{} container groups", groups.len());
    Ok(())
}
