//! `[eip.L]`: an elastic IP in one of its forms.

use crate::codes;
use crate::schema::{Fault, Field, Object, Type};
use crate::value::{Map, Value};

/// An elastic IP.
pub static EIP: Object = Object::new("eip", "A public address of one container group.", FIELDS)
    .normalized_by(default_bandwidth)
    .apart(&[("id", &OF_NONE_THAT_EXISTS)])
    .validated_by(one_form);

/// What an automatic EIP has by default (seed page), in Mbps.
const DEFAULT_BANDWIDTH: i64 = 5;

/// What is given for an EIP that is made.
const OF_NONE_THAT_EXISTS: [&str; 3] = ["auto", "bandwidth", "name"];

static FIELDS: &[Field] = &[
    Field::new(
        "id",
        "eipInstanceId",
        Type::String,
        "the id of an existing EIP, which is bound and never released",
    ),
    Field::new(
        "auto",
        "autoCreateEip",
        Type::Bool,
        "whether the cloud makes it with its group and releases it with it",
    ),
    Field::new(
        "bandwidth",
        "eipBandwidth",
        Type::Integer(1, 300),
        "Mbps, 1 to 300; 5 by default",
    )
    .in_place(),
    Field::local("name", Type::String, "the name of a managed EIP").in_place(),
    Field::read_only("address", "eipAddress", "the public address"),
    Field::read_only("status", "status", "the last status seen"),
];

fn default_bandwidth(entries: &mut Map) {
    if entries.get("auto").and_then(Value::as_bool) == Some(true) {
        entries
            .entry("bandwidth".into())
            .or_insert(Value::from(DEFAULT_BANDWIDTH));
    }
}

fn one_form(entries: &Map) -> Vec<Fault> {
    let auto = entries.get("auto").and_then(Value::as_bool) == Some(true);
    let fault = |field, message: &str, help: &str| {
        vec![Fault {
            code: codes::EIP_FORM,
            field: Some(field),
            message: message.to_owned(),
            help: Some(help.to_owned()),
        }]
    };
    if entries.contains_key("id") {
        for field in OF_NONE_THAT_EXISTS {
            if entries.contains_key(field) {
                let message = format!("an existing EIP has no `{field}` of its own");
                return fault(
                    field,
                    &message,
                    "leave out `id` to have one made, or this key to use the existing one",
                );
            }
        }
    }
    if auto && entries.contains_key("name") {
        return fault(
            "name",
            "an automatic EIP has no name of its own",
            "leave out `name`",
        );
    }
    Vec::new()
}
