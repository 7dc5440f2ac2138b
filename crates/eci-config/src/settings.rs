//! `[provider]` and `[backend.local]`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use eci_core::diagnostic::Span;
use eci_core::suggest::nearest;
use eci_core::tables::{BACKEND_LOCAL, ENDPOINTS, PROVIDER, RETRY};
use eci_core::{Code, Diagnostic, Diagnostics, Map, Severity, Value, codes};
use eci_lang::Roots;

use crate::context::Context;
use crate::environment::Environment;
use crate::evaluate::evaluate_node;
use crate::lints::hidden::hide_value;
use crate::parse::{Block, TableReader};

/// `[provider]`: how the cloud is reached.
#[derive(Clone, Debug, Default)]
pub struct ProviderSettings {
    /// The region.
    pub region_id: Option<String>,
    /// Addresses other than the default ones, by the service's name: `eci`, `eip`, `ebs`, `ecs`.
    pub endpoints: BTreeMap<String, String>,
    /// Where the credentials stand, relative to the directory where it is not absolute.
    pub credentials_file: Option<PathBuf>,
    /// Whose spelling of field names is sent.
    pub field_names: FieldNames,
    /// Tags that every container group gets beside its own.
    pub default_tags: Map,
    /// Warnings that are not told.
    pub allow: Vec<&'static Code>,
    /// Calls a second.
    pub rate_limit: Option<f64>,
    /// How often and how long a call is tried again.
    pub retry: Retry,
    /// The table's header, where there is one.
    pub place: Option<Span>,
    /// The value of `region_id`, where it is given.
    pub region_place: Option<Span>,
    /// The table of `endpoints`, where it is given.
    pub endpoints_place: Option<Span>,
}

/// Whose spelling of field names is sent, where two are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FieldNames {
    /// The one of the vendor's page.
    #[default]
    Documented,
    /// The one of the vendor's published client.
    Sdk,
}

/// How often and how long a call is tried again; the defaults are the caller's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retry {
    /// At most so many attempts in all.
    pub attempts: Option<u32>,
    /// The longest pause between two.
    pub max_delay: Option<Duration>,
}

/// Keys under which other tools take credentials in clear.
const CREDENTIALS: [&str; 12] = [
    "access_key",
    "access_key_id",
    "access_key_secret",
    "secret_key",
    "secret_access_key",
    "secret",
    "ak",
    "sk",
    "credentials",
    "token",
    "ctyun_ak",
    "ctyun_sk",
];

fn context<'a>(environment: &'a Environment, who: &'static str) -> Context<'a> {
    Context {
        roots: Roots::NoResources(who),
        ..Context::plain(environment)
    }
}

/// Whether something in `[provider]` cannot be told, because what it refers to is wrong.
pub(crate) fn is_unknown(environment: &Environment, block: &Block) -> bool {
    let mut told_elsewhere = Diagnostics::default();
    let context = context(environment, "the provider");
    evaluate_node(&context, &block.node, &mut told_elsewhere).has_unknown()
}

/// Reads `[provider]`.
pub(crate) fn read_provider(
    environment: &Environment,
    block: Option<&Block>,
    diagnostics: &mut Diagnostics,
) -> ProviderSettings {
    let Some(block) = block else {
        return ProviderSettings::default();
    };
    refuse_credentials(block, diagnostics);
    let context = context(environment, "the provider");
    let default_tags = default_tags(&context, block, diagnostics);
    let mut reader = TableReader::open(context, &block.source, &block.node, diagnostics);
    reader.check_keys("the provider", &PROVIDER, &CREDENTIALS);
    ProviderSettings {
        region_id: reader.text("region_id"),
        region_place: reader.node("region_id").map(|node| reader.place(node)),
        endpoints_place: reader.node("endpoints").map(|node| reader.place(node)),
        credentials_file: reader.text("credentials_file").map(PathBuf::from),
        field_names: field_names(&mut reader),
        default_tags,
        allow: allow(&mut reader),
        rate_limit: reader
            .number("rate_limit", "a number above 0", |rate| rate.as_f64() > 0.0)
            .map(eci_core::Number::as_f64),
        endpoints: endpoints(&mut reader),
        retry: retry(&context, block, diagnostics),
        place: Some(block.place()),
    }
}

fn refuse_credentials(block: &Block, diagnostics: &mut Diagnostics) {
    for entry in block.node.entries().unwrap_or_default() {
        if CREDENTIALS.contains(&&*entry.key) {
            let message = format!("`{}`: credentials do not belong in a manifest", entry.key);
            hide_value(block, entry);
            diagnostics.push(
                Diagnostic::new(codes::CREDENTIALS, message)
                    .primary(block.at(&entry.key_range), "")
                    .help("set CTYUN_AK and CTYUN_SK, or name a file with credentials_file"),
            );
        }
    }
}

fn field_names(reader: &mut TableReader<'_>) -> FieldNames {
    match reader.text("field_names").as_deref() {
        None | Some("documented") => FieldNames::Documented,
        Some("sdk") => FieldNames::Sdk,
        Some(other) => {
            let message = format!("{other:?} is not \"documented\" or \"sdk\"");
            let mut diagnostic = Diagnostic::new(codes::BAD_VALUE, message);
            if let Some(node) = reader.node("field_names") {
                diagnostic = diagnostic.primary(reader.place(node), "");
            }
            let near = nearest(other, ["documented", "sdk"]);
            reader.diagnostics.push(diagnostic.near(other, near, || {
                "leave it out for the spelling of the vendor's page".to_owned()
            }));
            FieldNames::Documented
        }
    }
}

/// The warnings that are not to be told.
fn allow(reader: &mut TableReader<'_>) -> Vec<&'static Code> {
    let mut allowed = Vec::new();
    for (text, node) in reader.texts("allow") {
        let place = reader.place(node);
        let problem = match codes::find(&text) {
            Some(code) if code.severity() == Severity::Warning => {
                allowed.push(code);
                continue;
            }
            Some(code) => {
                let message = format!("{} `{}` is an error", code.number, code.name);
                Diagnostic::new(codes::BAD_VALUE, message)
                    .primary(place, "")
                    .help("only warnings can be allowed; remove it here and mend the error")
            }
            None => {
                let known = codes::all().filter(|code| code.severity() == Severity::Warning);
                let known = known.flat_map(|code| [code.name, code.number]);
                Diagnostic::new(codes::BAD_VALUE, format!("there is no warning `{text}`"))
                    .primary(place, "")
                    .near(&text, nearest(&text, known), || {
                        "`eci explain` lists all codes; those of warnings begin with W".to_owned()
                    })
            }
        };
        reader.diagnostics.push(problem);
    }
    allowed
}

fn endpoints(reader: &mut TableReader<'_>) -> BTreeMap<String, String> {
    let endpoints = reader.text_table("endpoints");
    let node = reader.node("endpoints");
    for service in endpoints.keys().filter(|service| !ENDPOINTS.knows(service)) {
        let known = || ENDPOINTS.fields.iter().map(|field| field.name);
        let mut diagnostic = Diagnostic::new(
            codes::UNKNOWN_KEY,
            format!("there is no service `{service}`"),
        );
        if let Some(node) = node {
            let place = node
                .entry(service)
                .map_or_else(|| reader.place(node), |entry| reader.place_of_key(entry));
            diagnostic = diagnostic.primary(place, "");
        }
        reader
            .diagnostics
            .push(diagnostic.near(service, nearest(service, known()), || {
                let services = known().collect::<Vec<_>>().join(", ");
                format!("the services are {services}")
            }));
    }
    endpoints
}

fn retry(context: &Context<'_>, block: &Block, diagnostics: &mut Diagnostics) -> Retry {
    let Some(node) = block.node.get("retry") else {
        return Retry::default();
    };
    let mut reader = TableReader::new(*context, &block.source, node, &RETRY, diagnostics);
    let attempts = reader.number("attempts", "a whole number of at least 1", |count| {
        count
            .as_i64()
            .is_some_and(|count| (1..=1000).contains(&count))
    });
    Retry {
        attempts: attempts
            .and_then(eci_core::Number::as_i64)
            .and_then(|count| u32::try_from(count).ok()),
        max_delay: reader.duration("max_delay"),
    }
}

fn default_tags(context: &Context<'_>, block: &Block, diagnostics: &mut Diagnostics) -> Map {
    let Some(node) = block.node.get("default_tags") else {
        return Map::new();
    };
    match evaluate_node(context, node, diagnostics) {
        Value::Map(entries) => entries.as_ref().clone(),
        Value::Null | Value::Unknown => Map::new(),
        other => {
            let message = format!("expected a table of tags, found {}", other.type_name());
            diagnostics.push(
                Diagnostic::new(codes::TYPE_MISMATCH, message).primary(block.at(&node.range), ""),
            );
            Map::new()
        }
    }
}

/// Reads `[backend.local]`: where the state lives, relative to the directory.
pub(crate) fn read_state_path(
    environment: &Environment,
    block: Option<&Block>,
    diagnostics: &mut Diagnostics,
) -> PathBuf {
    let path = block.and_then(|block| {
        // Where the state is must be known before anything that it may depend on.
        let context = Context {
            roots: Roots::Nothing("a backend"),
            ..Context::plain(environment)
        };
        TableReader::new(
            context,
            &block.source,
            &block.node,
            &BACKEND_LOCAL,
            diagnostics,
        )
        .text("path")
    });
    PathBuf::from(path.unwrap_or_else(|| "state".to_owned()))
}
