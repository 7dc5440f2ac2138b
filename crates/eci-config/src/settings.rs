//! `[provider]`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use eci_core::diagnostic::Span;
use eci_core::suggest::nearest;
use eci_core::tables::{ENDPOINTS, PROVIDER, RETRY};
use eci_core::{Code, Diagnostic, Diagnostics, Map, Severity, Value, codes};
use eci_lang::Roots;
use eci_text::{List, Text, text};

use crate::environment::Environment;
use crate::evaluation::{Context, TableReader, evaluate_node};
use crate::parse::Block;
use crate::secrets::hide_value;

/// `[provider]`: the provider configuration.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ProviderSettings {
    /// The region.
    pub region_id: Option<String>,
    /// Addresses other than the default ones, by the service's name: `eci`, `eip`, `ebs`, `ecs`.
    pub endpoints: BTreeMap<String, String>,
    /// The file of the credentials, relative to the directory unless it is absolute.
    pub credentials_file: Option<PathBuf>,
    /// The spelling of field names that is sent.
    pub field_names: FieldSpelling,
    /// Tags that every container group gets in addition to its own.
    pub default_tags: Map,
    /// Warnings that are not reported.
    pub allow: Vec<&'static Code>,
    /// Calls a second.
    pub rate_limit: Option<f64>,
    /// The retry limits.
    pub retry: Retry,
    /// The table's header, where there is one.
    pub place: Option<Span>,
    /// The value of `region_id`, where it is given.
    pub region_place: Option<Span>,
    /// The table of `endpoints`, where it is given.
    pub endpoints_place: Option<Span>,
}

/// The spelling of field names that is sent, where two are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FieldSpelling {
    /// The one of the API reference.
    #[default]
    Documented,
    /// The one of the vendor's published client.
    Sdk,
}

/// Retry limits of API calls; the caller has the defaults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retry {
    /// The maximum number of attempts.
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

static PROVIDER_TABLE: Text = Text::fixed("the provider configuration", "Provider 配置");

fn context(environment: &Environment) -> Context<'_> {
    Context {
        roots: Roots::NoResources(&PROVIDER_TABLE),
        ..Context::plain(environment)
    }
}

const POSITIVE: Text = Text::fixed("a number greater than 0", "大于 0 的数值");

const ATTEMPTS: Text = Text::fixed("an integer from 1 to 1000", "1 到 1000 之间的整数");

/// Returns whether a value in `[provider]` is unknown because of an error in what it refers to.
pub(crate) fn is_unknown(environment: &Environment, block: &Block) -> bool {
    let mut discarded = Diagnostics::default();
    let context = context(environment);
    evaluate_node(&context, &block.node, &mut discarded).has_unknown()
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
    let context = context(environment);
    let default_tags = default_tags(&context, block, diagnostics);
    let mut reader = TableReader::open(context, &block.source, &block.node, diagnostics);
    reader.check_keys(&PROVIDER, &CREDENTIALS);
    ProviderSettings {
        region_id: reader.text("region_id"),
        region_place: reader.node("region_id").map(|node| reader.place(node)),
        endpoints_place: reader.node("endpoints").map(|node| reader.place(node)),
        credentials_file: reader.text("credentials_file").map(PathBuf::from),
        field_names: field_names(&mut reader),
        default_tags,
        allow: allow(&mut reader),
        rate_limit: reader
            .number("rate_limit", &POSITIVE, |rate| rate.as_f64() > 0.0)
            .map(eci_core::Number::as_f64),
        endpoints: endpoints(&mut reader),
        retry: retry(&context, block, diagnostics),
        place: Some(block.place()),
    }
}

fn refuse_credentials(block: &Block, diagnostics: &mut Diagnostics) {
    for entry in block.node.entries().unwrap_or_default() {
        if CREDENTIALS.contains(&&*entry.key) {
            let message = text!(
                en: "credentials are not allowed in a manifest: `{key}`",
                zh: "清单中不能包含凭证：`{key}`",
                key = entry.key,
            );
            hide_value(block, entry);
            diagnostics.push(
                Diagnostic::new(codes::CREDENTIALS, message)
                    .at(block.at(&entry.key_range))
                    .help(text!(
                        en: "set the environment variables `CTYUN_AK` and `CTYUN_SK`, or set `credentials_file`",
                        zh: "设置环境变量 `CTYUN_AK` 和 `CTYUN_SK`，或设置 `credentials_file`",
                    )),
            );
        }
    }
}

fn field_names(reader: &mut TableReader<'_>) -> FieldSpelling {
    match reader.text("field_names").as_deref() {
        None | Some("documented") => FieldSpelling::Documented,
        Some("sdk") => FieldSpelling::Sdk,
        Some(other) => {
            let message = text!(
                en: "`field_names` must be \"documented\" or \"sdk\", found {found}",
                zh: "`field_names` 必须是 \"documented\" 或 \"sdk\"，实际为 {found}",
                found = format!("{other:?}"),
            );
            let mut diagnostic = Diagnostic::new(codes::BAD_VALUE, message);
            if let Some(node) = reader.node("field_names") {
                diagnostic = diagnostic.at(reader.place(node));
            }
            let near = nearest(other, ["documented", "sdk"]);
            reader.diagnostics.push(diagnostic.near(other, near, || {
                text!(
                    en: "remove it to use the field names of the API documentation",
                    zh: "删除该键，使用 API 文档中的字段名",
                )
            }));
            FieldSpelling::Documented
        }
    }
}

/// Reads the warnings that are not to be reported.
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
                let message = text!(
                    en: "cannot allow {number} (`{name}`): it is an error, not a warning",
                    zh: "无法允许 {number}（`{name}`）：该错误码是错误，不是警告",
                    number = code.number,
                    name = code.name,
                );
                Diagnostic::new(codes::BAD_VALUE, message)
                    .at(place)
                    .help(text!(
                        en: "remove it from `allow`, and fix the error",
                        zh: "从 `allow` 中删除，并修复该错误",
                    ))
            }
            None => {
                let known = codes::all().filter(|code| code.severity() == Severity::Warning);
                let known = known.flat_map(|code| [code.name, code.number]);
                let message = text!(
                    en: "unknown warning `{name}`",
                    zh: "未知警告 `{name}`",
                    name = text,
                );
                Diagnostic::new(codes::BAD_VALUE, message)
                    .at(place)
                    .near(&text, nearest(&text, known), || {
                        text!(
                            en: "run `eci explain` to list all codes of errors and warnings; those of warnings start with W",
                            zh: "执行 `eci explain` 列出所有错误码和警告码，警告码以 W 开头",
                        )
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
            text!(
             en: "unknown service `{service}` in `endpoints`",
             zh: "`endpoints` 中有未知的服务 `{service}`",
             service = service,
            ),
        );
        if let Some(node) = node {
            let place = node
                .entry(service)
                .map_or_else(|| reader.place(node), |entry| reader.place_of_key(entry));
            diagnostic = diagnostic.at(place);
        }
        reader
            .diagnostics
            .push(diagnostic.near(service, nearest(service, known()), || {
                text!(
                    en: "supported services: {services}",
                    zh: "支持的服务：{services}",
                    services = List::and(known().map(|name| format!("`{name}`"))),
                )
            }));
    }
    endpoints
}

fn retry(context: &Context<'_>, block: &Block, diagnostics: &mut Diagnostics) -> Retry {
    let Some(node) = block.node.get("retry") else {
        return Retry::default();
    };
    let mut reader = TableReader::open(*context, &block.source, node, diagnostics).checked(&RETRY);
    let attempts = reader.number("attempts", &ATTEMPTS, |count| {
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
            let message = text!(
                en: "`default_tags` must be a map of tags, found {found}",
                zh: "`default_tags` 必须是标签的映射，实际为{found}",
                found = other.type_name(),
            );
            diagnostics
                .push(Diagnostic::new(codes::TYPE_MISMATCH, message).at(block.at(&node.range)));
            Map::new()
        }
    }
}
