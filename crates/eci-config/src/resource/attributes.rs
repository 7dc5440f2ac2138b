//! The attributes of one instance: evaluated, completed, checked, linked.

use std::sync::Arc;

use base16ct::lower::encode_string;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use eci_core::schema::{Object, Type, Violation, normalize_config};
use eci_core::suggest::{INSTEAD_OF_COUNT, nearest, use_with_type};
use eci_core::tables::META;
use eci_core::{Code, Diagnostic, Diagnostics, Kind, Map, Path, Value, codes};
use eci_lang::{Content, as_text, mark};
use eci_text::{Text, text};
use sha2::{Digest as _, Sha256};

use super::find_links::holds_labels;
use super::instance::{ComputedAttributes, DefaultNames, Resource};
use super::label::{LabelFault, label_of, value_of_labels, written};
use super::source_location;
use crate::evaluation::{Context, evaluate_node};
use crate::parse::{Data, Node};

/// The work of an instance for each value that is written in its table, without expressions.
const WORK_FOR_VALUE: usize = 8;

/// An evaluation of a resource instance.
pub(super) struct Evaluation<'a> {
    pub(super) resource: &'a Resource,
    pub(super) context: Context<'a>,
    pub(super) diagnostics: &'a mut Diagnostics,
    object: &'static Object,
    defaults: DefaultNames,
}

impl<'a> Evaluation<'a> {
    pub(super) fn new(
        resource: &'a Resource,
        context: Context<'a>,
        diagnostics: &'a mut Diagnostics,
    ) -> Evaluation<'a> {
        Evaluation {
            resource,
            context,
            diagnostics,
            object: resource.address.kind().schema(),
            defaults: DefaultNames::default(),
        }
    }

    /// Returns the attributes in normal form, linked.
    pub(super) fn attributes(mut self) -> Arc<Map> {
        let ComputedAttributes {
            mut attributes,
            defaults,
        } = match self.resource.computed.get() {
            Some(computed) => computed.clone(),
            None => self.computed(),
        };
        self.keep_names(&mut attributes, defaults);
        if self.resource.address.kind().properties().holds_attachments {
            self.link(Arc::make_mut(&mut attributes));
        }
        attributes
    }

    /// Returns the attributes in normal form, not linked.
    ///
    /// A result that is the same in every scope, and without diagnostics, is cached.
    fn computed(&mut self) -> ComputedAttributes {
        let reported = self.diagnostics.0.len();
        // What is written is evaluated and compared with its description for each instance.
        let budget = self.context.environment.files.budget();
        let work = WORK_FOR_VALUE * self.resource.block.node.weight();
        if !budget.charge(work, || self.resource.place.clone()) {
            return ComputedAttributes {
                attributes: Arc::default(),
                defaults: self.defaults,
            };
        }
        let mut given = self.given();
        self.complete(&mut given);
        if self.object.fields.iter().any(|field| field.name == "files") {
            self.read_files(&mut given);
        }
        let conformed = normalize_config(self.object, &given);
        for mut violation in conformed.violations {
            if budget.is_exhausted() {
                break;
            }
            if let Some(name) = self.default_at(&violation.path, &given) {
                let name = format!("{name:?}");
                violation.message = if violation.message.en().contains(&name) {
                    text!(
                        en: "{message}, which is the default name",
                        zh: "{message}，该名称为默认名称",
                        message = violation.message,
                    )
                } else {
                    text!(
                        en: "{message} (default name {name})",
                        zh: "{message}（默认名称 {name}）",
                        message = violation.message,
                        name = name,
                    )
                };
                let help = violation.help.take().unwrap_or_default();
                violation.help = Some(text!(
                    en: "set `name`: {help}",
                    zh: "设置 `name`：{help}",
                    help = help,
                ));
            }
            self.violation(violation);
        }
        let attributes = match conformed.value {
            Value::Map(entries) => entries,
            _ => Arc::default(),
        };
        let is_whole = self.diagnostics.0.len() == reported && !budget.is_exhausted();
        if self.resource.value_references.is_empty() && is_whole {
            // Another thread may have stored the same value first.
            let _ = self.resource.computed.set(ComputedAttributes {
                attributes: attributes.clone(),
                defaults: self.defaults,
            });
        }
        ComputedAttributes {
            attributes,
            defaults: self.defaults,
        }
    }

    /// Returns the default name at a path, if one is there: no manifest shows it.
    fn default_at(&self, path: &Path, given: &Map) -> Option<Arc<str>> {
        let at = match &*path.to_string() {
            "name" if self.defaults.name => given.get("name"),
            "disk.name" if self.defaults.disk => {
                let disk = given.get("disk").and_then(Value::as_map);
                disk.and_then(|disk| disk.get("name"))
            }
            _ => None,
        };
        match at? {
            Value::String(name) => Some(name.clone()),
            _ => None,
        }
    }

    /// Puts the names that the resource has already in the place of default ones.
    fn keep_names(&self, attributes: &mut Arc<Map>, defaults: DefaultNames) {
        let scope = self.context.scope;
        let Some(kept) = scope.kept_names(&self.resource.address) else {
            return;
        };
        if let (true, Some(name)) = (defaults.name, &kept.name)
            && attributes.get("name").and_then(Value::as_str) != Some(&**name)
        {
            Arc::make_mut(attributes).insert("name".into(), Value::String(name.clone()));
        }
        if let (true, Some(name)) = (defaults.disk, &kept.disk)
            && let Some(Value::Map(disk)) = attributes.get("disk")
            && disk.get("name").and_then(Value::as_str) != Some(&**name)
            && let Some(Value::Map(disk)) = Arc::make_mut(attributes).get_mut("disk")
        {
            Arc::make_mut(disk).insert("name".into(), Value::String(name.clone()));
        }
    }

    /// Returns the attributes that the manifest sets, with all resource names in one form.
    fn given(&mut self) -> Map {
        let entries = self.resource.block.node.entries().unwrap_or_default();
        let own = entries.iter().filter(|entry| !META.knows(&entry.key));
        // The name may be filled in.
        let mut given = Map::with_capacity(entries.len() + 1);
        given.extend(own.map(|entry| {
            let value = self.field(self.object, &entry.key, &entry.node);
            (entry.key.clone(), value)
        }));
        given
    }

    fn field(&mut self, object: &'static Object, name: &str, node: &Node) -> Value {
        match object.fields.iter().find(|field| field.name == name) {
            Some(field) if holds_labels(&field.ty) => self.with_labels(&field.ty, node),
            _ => self.plain(node),
        }
    }

    fn plain(&mut self, node: &Node) -> Value {
        evaluate_node(&self.context, node, self.diagnostics)
    }

    fn with_labels(&mut self, ty: &'static Type, node: &Node) -> Value {
        match (ty, &node.data) {
            (Type::Ref(kind, _), _) => self.label(*kind, node),
            (Type::List(inner), Data::List(items)) => Value::list(
                items
                    .iter()
                    .map(|item| self.with_labels(inner, item))
                    .collect(),
            ),
            (Type::List(inner), Data::Template(_)) if matches!(**inner, Type::Ref(..)) => {
                value_of_labels(&self.context, node, self.diagnostics)
            }
            (Type::Objects(object, _), Data::List(items)) => {
                Value::list(items.iter().map(|item| self.table(object, item)).collect())
            }
            (Type::Object(object), _) => self.table(object, node),
            _ => self.plain(node),
        }
    }

    fn table(&mut self, object: &'static Object, node: &Node) -> Value {
        let Some(entries) = node.entries() else {
            return self.plain(node);
        };
        let entries = entries.iter().map(|entry| {
            let value = self.field(object, &entry.key, &entry.node);
            (entry.key.clone(), value)
        });
        Value::map(entries.collect::<Map>())
    }

    fn label(&mut self, kind: Kind, node: &Node) -> Value {
        match label_of(&self.context, node, kind) {
            Ok(Some(address)) => Value::from(written(&self.context, &address)),
            Ok(None) => Value::Null,
            Err(LabelFault::Value(mut diagnostics)) => {
                self.diagnostics.0.append(&mut diagnostics.0);
                Value::Unknown
            }
            Err(LabelFault::Label(bad)) => {
                let place = self.resource.block.at(&node.range);
                let diagnostic = Diagnostic::new(codes::RESOURCE_NAME, bad.message.clone());
                self.diagnostics.push(bad.with_remedy(diagnostic.at(place)));
                Value::Unknown
            }
        }
    }

    /// Fills in what follows from the address and the settings.
    fn complete(&mut self, given: &mut Map) {
        let properties = self.resource.address.kind().properties();
        let is_named = (properties.takes_default_name)(given);
        if is_named && given.get("name").is_none_or(Value::is_null) {
            given.insert("name".into(), Value::from(self.default_name()));
            self.defaults.name = true;
        }
        if properties.name_path.len() > 1 {
            self.name_disk(given);
        }
        let defaults = &self.context.environment.default_tags;
        if !properties.is_tagged() || defaults.is_empty() {
            return;
        }
        let own = given.get("tags").cloned().unwrap_or_default();
        let budget = self.context.environment.files.budget();
        let work = WORK_FOR_VALUE * defaults.len();
        if !budget.charge(work, || self.resource.place.clone()) {
            return;
        }
        let merged = |own: &Map| {
            let mut tags = defaults.as_ref().clone();
            tags.extend(own.iter().map(|(key, value)| (key.clone(), value.clone())));
            Value::map(tags)
        };
        let tags = match &own {
            Value::Null => Value::map(defaults.as_ref().clone()),
            Value::Map(own) => merged(own),
            Value::Sensitive(inner) => match inner.expose() {
                Value::Map(own) => merged(own).into_sensitive(),
                _ => return,
            },
            _ => return,
        };
        given.insert("tags".into(), tags);
    }

    /// Derives the default name: the names of the modules around the resource and its label, each
    /// with its key where there is `for_each`, as a name that the cloud accepts.
    fn default_name(&self) -> String {
        let address = &self.resource.address;
        let mut parts = self.modules_in_name();
        parts.extend(part_of_name(address.label(), address.key()));
        parts.join("-")
    }

    /// Returns the modules around the resource, as parts of a name.
    fn modules_in_name(&self) -> Vec<String> {
        let modules = self.resource.address.modules().iter();
        modules
            .flat_map(|module| part_of_name(&module.name, module.key.as_ref()))
            .collect()
    }

    /// Sets the default name of a managed disk: the name of its volume, with the modules around it.
    ///
    /// Names of volumes are unique only within their groups, and a module uses the same one in each
    /// of its instances.
    fn name_disk(&mut self, given: &mut Map) {
        let name = given.get("name").cloned();
        let (Some(Value::Map(disk)), Some(name)) = (given.get_mut("disk"), name) else {
            return;
        };
        if !disk.get("name").is_none_or(Value::is_null) {
            return;
        }
        let name = match &name {
            Value::String(name) if !self.defaults.name => {
                let mut parts = self.modules_in_name();
                parts.push(name.to_string());
                Value::from(parts.join("-"))
            }
            _ => name,
        };
        Arc::make_mut(disk).insert("name".into(), name);
        self.defaults.disk = true;
    }

    /// Puts the content of files in the place of their `source`.
    fn read_files(&mut self, given: &mut Map) {
        let Some(Value::List(files)) = given.get_mut("files") else {
            return;
        };
        let sourced = |file: &Value| file.get("source").is_some_and(|source| !source.is_null());
        if !files.iter().any(sourced) {
            return;
        }
        let path = Path::root().name("files");
        for (at, file) in Arc::make_mut(files).iter_mut().enumerate() {
            if let (true, Value::Map(entries)) = (sourced(file), file) {
                self.read_file(Arc::make_mut(entries), &path.index(at).name("source"));
            }
        }
    }

    fn read_file(&mut self, file: &mut Map, path: &Path) {
        let Some(source) = file.remove("source") else {
            return;
        };
        let given = ["content", "content_base64"]
            .into_iter()
            .find(|key| file.get(*key).is_some_and(|value| !value.is_null()));
        if let Some(given) = given {
            let message = text!(
                en: "`source` conflicts with `{given}`",
                zh: "`source` 与 `{given}` 不能同时设置",
                given = given,
            );
            let help = text!(
                en: "set exactly one of `content`, `content_base64`, and `source`",
                zh: "只设置 `content`、`content_base64` 和 `source` 中的一个",
            );
            return self.error(codes::FILE_CONTENT, message, path, help);
        }
        let (bare, secret) = source.reveal();
        let Some(name) = as_text(bare) else {
            if !source.is_unknown() {
                let message = text!(
                    en: "`source` must be a string, found {found}",
                    zh: "`source` 必须是字符串，实际为{found}",
                    found = source.type_name(),
                );
                let help = text!(en: "quote the path", zh: "为路径加引号");
                self.error(codes::TYPE_MISMATCH, message, path, help);
            }
            file.insert("content".into(), Value::Unknown);
            return;
        };
        match self.context.environment.files.content(&name) {
            // What is read from a secret place is itself one, as `file(…)` has it.
            Ok(Content::Text(text)) => {
                file.insert("content".into(), mark(Value::String(text), secret));
            }
            Ok(Content::Bytes(bytes)) => {
                let encoded = Value::from(BASE64.encode(&*bytes));
                file.insert("content_base64".into(), mark(encoded, secret));
            }
            // The error names the place.
            Err(_) if secret => {
                let message = text!(
                    en: "failed to read a file whose path is sensitive",
                    zh: "读取文件失败，其路径为敏感值",
                );
                let help = text!(
                    en: "use `nonsensitive(…)` to see the cause, if the path is not a secret",
                    zh: "如果路径不是机密信息，使用 `nonsensitive(…)` 查看原因",
                );
                self.error(codes::FILE, message, path, help);
                file.insert("content".into(), Value::Unknown);
            }
            Err(error) => {
                let message = Text::of(&error);
                self.error(codes::FILE, message, path, error.help());
                file.insert("content".into(), Value::Unknown);
            }
        }
    }

    /// Reports an error about an attribute.
    pub(super) fn error(&mut self, code: &'static Code, message: Text, path: &Path, help: Text) {
        let place = self.resource.span_of(path);
        self.diagnostics
            .push(Diagnostic::new(code, message).at(place).help(help));
    }

    fn violation(&mut self, violation: Violation) {
        let Violation {
            path,
            code,
            message,
            mut help,
            other,
            mut meant,
            mut is_replaceable,
        } = violation;
        let about_key =
            [codes::UNKNOWN_KEY, codes::READ_ONLY, codes::WRONG_TYPE_KEY].contains(&code);
        let place = if about_key {
            source_location::of_key(&self.resource.block, self.object, &path)
        } else {
            self.resource.span_of(&path)
        };
        if let (None, true, [_], Some(key)) = (
            &meant,
            code == codes::UNKNOWN_KEY,
            &*path.0,
            path.attribute(),
        ) {
            let near = nearest(key, META.fields.iter().map(|field| field.name));
            let near = META.fields.iter().find(|field| Some(field.name) == near);
            let node = self.resource.block.node.get(key);
            match near {
                _ if key == "count" => help = Some(INSTEAD_OF_COUNT),
                Some(near) if !node.is_some_and(|node| node.has_form_of(&near.ty)) => {
                    help = Some(use_with_type(near.name, &near.ty.describe()));
                }
                near => {
                    is_replaceable = near.is_some();
                    meant = near.map(|near| (key.to_owned(), near.name.to_owned()));
                }
            }
        }
        let mut diagnostic = Diagnostic::new(code, message);
        diagnostic = match other {
            Some(other) => diagnostic
                .primary(
                    place,
                    text!(en: "declared again here", zh: "在此处重复声明"),
                )
                .secondary(
                    self.resource.span_of(&other),
                    text!(en: "first declared here", zh: "在此处首次声明"),
                ),
            None => diagnostic.at(place),
        };
        self.diagnostics.push(match (meant, help) {
            (Some((written, meant)), _) if is_replaceable => {
                diagnostic.did_you_mean(&written, &meant)
            }
            (_, Some(help)) => diagnostic.help(help),
            (_, None) => diagnostic,
        });
    }
}

/// Returns a label, and a key where there is one, as parts of a name that the cloud accepts.
fn part_of_name(label: &str, key: Option<&Arc<str>>) -> impl Iterator<Item = String> + use<> {
    let label = label.replace('_', "-");
    std::iter::once(label).chain(key.map(|key| key_in_name(key)))
}

/// Returns a key as a part of a name that the cloud accepts.
///
/// A key that has to be changed for that gets a digest, so that different keys have different
/// names: `a.b`, `a-b` and `A-B` have three.
fn key_in_name(key: &str) -> String {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let written: String = key
        .to_lowercase()
        .chars()
        .map(|c| if allowed(c) { c } else { '-' })
        .collect();
    let digest = || encode_string(&Sha256::digest(key)[..4]);
    match written.trim_matches('-') {
        "" => digest(),
        written if written == key => written.to_owned(),
        written => format!("{written}-{}", digest()),
    }
}
