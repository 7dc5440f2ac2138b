//! All services of the cloud, as one bound.

use eci_api::{Api, DiskApi, EipApi, OrderApi};

/// All services of the cloud: container groups, EIPs, disks and orders.
pub trait Cloud: Api + EipApi + DiskApi + OrderApi {}

impl<T: Api + EipApi + DiskApi + OrderApi> Cloud for T {}
