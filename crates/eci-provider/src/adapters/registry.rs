//! The registry of adapters: the one place that names the adapter of each kind.

/// Evaluates an expression with the adapter of a kind.
macro_rules! for_kind {
    ($kind:expr, $adapter:ident => $result:expr) => {
        match $kind {
            eci_core::Kind::ContainerGroup => {
                type $adapter = crate::adapters::container_group::ContainerGroupAdapter;
                $result
            }
            eci_core::Kind::Eip => {
                type $adapter = crate::adapters::eip::EipAdapter;
                $result
            }
            eci_core::Kind::Volume => {
                type $adapter = crate::adapters::disk::DiskAdapter;
                $result
            }
        }
    };
}

/// Evaluates an expression with the content of a `RemoteId` or a `RemoteReport` and its adapter.
macro_rules! for_object {
    ($enum:ident, $object:expr, ($adapter:ident, $content:ident) => $result:expr) => {
        match $object {
            $enum::Group($content) => {
                type $adapter = crate::adapters::container_group::ContainerGroupAdapter;
                $result
            }
            $enum::Eip($content) => {
                type $adapter = crate::adapters::eip::EipAdapter;
                $result
            }
            $enum::Disk($content) => {
                type $adapter = crate::adapters::disk::DiskAdapter;
                $result
            }
        }
    };
}

pub(super) use {for_kind, for_object};

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use eci_core::Kind;

    use crate::adapters::adapter::Adapter;
    use crate::remote::RemoteId;

    #[test]
    fn every_kind_has_the_adapter_of_its_ids() {
        for kind in Kind::ALL {
            let adapter = for_kind!(kind, Adapted => <Adapted as Adapter>::KIND);
            assert_eq!(adapter, kind);
            let properties = kind.properties();
            let id = RemoteId::new(kind, properties.example_id).unwrap();
            assert_eq!(id.kind(), kind);
            assert_eq!(id.as_str(), properties.example_id);
        }
    }
}
