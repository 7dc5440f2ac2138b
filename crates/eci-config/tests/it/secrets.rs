//! Sensitive values, which no message shows, wherever they are written.

use eci_config::{EmptyScope, ValueSource, Variables};
use eci_core::codes;
use eci_core::{Diagnostic, Diagnostics};

use crate::directory::{Directory, KnownResources, group};

/// Neither a number, nor a boolean, nor the name of anything.
const SECRET: &str = "HUNTER1zzz";
/// A number that fits nowhere.
const NUMBER: &str = "54321";
/// Expressions that refer to them.
const PLANTED: [&str; 2] = ["'${var.pw}'", "'${var.no}'"];

/// A resource that can have a `replace_triggered_by` of nothing.
const VOLUME: &str = "\n[volume.logs]\ntype = \"EmptyDirVolume\"\n";

/// The results of loading and evaluating a configuration.
struct Findings {
    diagnostics: Vec<Diagnostic>,
    /// The descriptions of outputs and the list of allowed addresses, which are shown as they are.
    descriptions: String,
}

/// Returns all diagnostics of a manifest that contains the secret, and the descriptions of its
/// outputs.
fn findings(manifest: &str) -> Findings {
    let module = "[variable.x]\n\n[output.y]\nvalue = '${var.x}'\nsensitive = true\n";
    let manifest = format!(
        "[variable.pw]\nsensitive = true\n[variable.no]\nsensitive = true\ntype = \"number\"\n\
         {manifest}"
    );
    let directory = Directory::with(&[
        ("main.eci.toml", &*manifest),
        ("m/main.eci.toml", module),
        ("sub/there", "text"),
    ]);
    let mut variables = Variables::default();
    variables.set("pw", SECRET, ValueSource::Environment);
    variables.set("no", NUMBER, ValueSource::Environment);
    let mut all = Diagnostics::default();
    let mut descriptions = String::new();
    match eci_config::load(directory.path(), &variables) {
        Err(mut diagnostics) => all.0.append(&mut diagnostics.0),
        Ok(configuration) => {
            all.0.extend(configuration.warnings.0.iter().cloned());
            descriptions = format!("{:?}", configuration.provider.allow);
            for output in &configuration.outputs {
                descriptions += &format!("{:?}", output.description);
                if let Err(mut wrong) = output.evaluate(&EmptyScope) {
                    all.0.append(&mut wrong.0);
                }
            }
            for resource in &configuration.resources {
                let mut known = KnownResources::default();
                for other in &configuration.resources {
                    if let Ok(attributes) = other.evaluate(&EmptyScope) {
                        let attributes = eci_core::Value::Map(attributes);
                        known.0.insert(other.address.clone(), attributes);
                    }
                }
                if let Err(mut wrong) = resource.evaluate(&known) {
                    all.0.append(&mut wrong.0);
                }
            }
        }
    }
    Findings {
        diagnostics: all.0,
        descriptions,
    }
}

/// Returns the parts of the findings that show the secret.
fn shown(findings: &Findings) -> Vec<String> {
    let has_secret = |text: &str| text.contains(SECRET) || text.contains(NUMBER);
    // All of a diagnostic: message, labels, help, and fix.
    let shows = |it: &&Diagnostic| has_secret(&format!("{it}\n{it:?}"));
    let mut shown: Vec<String> = findings
        .diagnostics
        .iter()
        .filter(shows)
        .map(ToString::to_string)
        .collect();
    shown.extend(Some(findings.descriptions.clone()).filter(|it| has_secret(it)));
    shown
}

/// Manifests with the secret as the value of a setting.
fn settings() -> Vec<String> {
    let mut manifests = Vec::new();
    for line in [
        "lifecycle = { prevent_destroy = S }",
        "lifecycle = { create_before_destroy = S }",
        "lifecycle = { ignore_changes = S }",
        "lifecycle = { ignore_changes = [S] }",
        "lifecycle = { ignore_changes = [\"tags\", S] }",
        "lifecycle = { replace_triggered_by = [S] }",
        "timeouts = { create = S }",
        "timeouts = { update = S }",
        "timeouts = { delete = S }",
        "depends_on = [S]",
        "depends_on = '${[var.pw]}'",
        "depends_on = ['volume.${var.pw}']",
    ] {
        manifests.push(group("web", &format!("{line}\n")));
    }
    for line in [
        "region_id = S",
        "credentials_file = S",
        "field_names = S",
        "allow = [S]",
        "rate_limit = S",
        "endpoints = { eci = S }",
        "endpoints = S",
        "retry = { attempts = S }",
        "retry = { max_delay = S }",
    ] {
        manifests.push(format!("[provider]\n{line}\n"));
    }
    for line in [
        "description = S",
        "description = 'about ${var.pw}'",
        "sensitive = S",
    ] {
        manifests.push(format!("[output.o]\nvalue = 1\n{line}\n"));
    }
    manifests.push("[module.m]\nsource = \"./m\"\ninputs = { x = 1 }\ndepends_on = [S]\n".into());
    manifests.iter().flat_map(|it| planted(it)).collect()
}

/// A manifest with each of the secrets where it has an `S`.
fn planted(manifest: &str) -> [String; 2] {
    PLANTED.map(|secret| {
        let manifest = manifest.replace("= S", &format!("= {secret}"));
        let manifest = manifest.replace("[S", &format!("[{secret}"));
        manifest.replace(", S]", &format!(", {secret}]"))
    })
}

#[test]
fn a_secret_that_is_a_setting_is_refused_once_and_not_shown() {
    for manifest in settings() {
        let found = findings(&manifest);
        assert_eq!(shown(&found), [""; 0], "{manifest}");
        let codes: Vec<&str> = found.diagnostics.iter().map(|it| it.code.name).collect();
        assert_eq!(codes, [codes::SENSITIVE_SETTING.name], "{manifest}");
        let label = found.diagnostics[0].primary.as_ref().unwrap();
        let marked = &label.place.source.text[label.place.range.clone()];
        assert!(marked.contains("var."), "{manifest} marks {marked}");
    }
}

#[test]
fn a_setting_is_taken_where_it_is_not_a_secret() {
    let manifest = format!(
        "[variable.on]\nsensitive = true\ndefault = true\n{}",
        group(
            "web",
            "lifecycle = { prevent_destroy = '${nonsensitive(var.on)}' }\n"
        )
    );
    let directory = Directory::with(&[("main.eci.toml", &manifest)]);
    let configuration = directory.load().unwrap();
    let lifecycle = &configuration.resources[0].lifecycle;
    assert_eq!(lifecycle.prevent_destroy, Some(true));
}

#[test]
fn a_validation_may_read_a_secret_and_shows_nothing_of_it() {
    let rule = |condition: &str| {
        format!("validation = {{ condition = '{condition}', error_message = 'not ${{var.pw}}' }}\n")
    };
    for (condition, expected) in [
        ("${length(var.pw) > 3}", None),
        ("${length(var.pw) > 30}", Some("invalid value for variable")),
        (
            "${var.pw}",
            Some("`condition` must be a boolean, found a sensitive value"),
        ),
        (
            "${[var.pw]}",
            Some("`condition` must be a boolean, found a list"),
        ),
    ] {
        let found = findings(&rule(condition));
        assert_eq!(shown(&found), [""; 0], "{condition}");
        let first = found.diagnostics.first().map(|it| it.message.en());
        match (first, expected) {
            (None, None) => {}
            (Some(first), Some(expected)) => assert!(first.starts_with(expected), "{first}"),
            (first, _) => panic!("{condition}: {first:?}"),
        }
    }
}

#[test]
fn a_secret_that_is_an_attribute_or_a_reference_is_not_shown() {
    let mut manifests = Vec::new();
    for line in [
        "restart_policy = S",
        "cpu = S",
        "memory = S",
        "name = S",
        "az_name = S",
        "instance_type = S",
        "tags = S",
        "tags = { S1 = S }",
        "eip = S",
        "volumes = S",
        "volumes = [S]",
        "dns_config = S",
        "host_aliases = [{ ip = S, hostnames = [S] }]",
        "security_context = { sysctls = [{ name = S, value = S }] }",
        "image_registry_credentials = [{ server = S, user_name = S, password = S }]",
        "for_each = S",
        "for_each = [S]",
        "nonsense = S",
    ] {
        let line = line.replace("S1", "x");
        manifests.push(group("web", &format!("{line}\n")));
    }
    for line in [
        "image = S",
        "name = S",
        "ports = [S]",
        "ports = [{ port = S, protocol = S }]",
        "ports = [{ port = S }, { port = S }]",
        "env = '${{ (var.pw) = 1, \" x\" = 2 }}'",
        "env = '${sensitive({ \" HUNTER1zzz\" = 1 })}'",
        "env = { A = S }",
        "env = [S]",
        "volume_mounts = [{ volume = S, mount_path = S }]",
        "volume_mounts = [{ volume = \"logs\", mount_path = S, read_only = S }]",
        "cpu = S",
        "image_pull_policy = S",
        "liveness_probe = { http_get = { port = S, path = S, scheme = S } }",
        "liveness_probe = { tcp_socket = { port = S }, period_seconds = S }",
        "command = S",
    ] {
        manifests.push(format!(
            "{}{VOLUME}",
            group("web", "").replace(
                "image = \"nginx:1.27\"",
                &if line.starts_with("image =") {
                    line.to_owned()
                } else {
                    format!("image = \"nginx\"\n{line}")
                }
            )
        ));
    }
    for line in [
        "type = S",
        "type = \"ConfigFileVolume\"\nfiles = [{ path = \"a\", source = S }]",
        "type = \"ConfigFileVolume\"\nfiles = [{ path = \"a\", content = '${file(var.pw)}' }]",
        "type = \"ConfigFileVolume\"\nfiles = [{ path = S, content = \"x\" }]",
        "type = \"ConfigFileVolume\"\nfiles = [{ path = \"a\", content_base64 = S }]",
        "type = \"EmptyDirVolume\"\nsize_limit = S",
        "type = \"DiskVolume\"\ndisk = S",
    ] {
        manifests.push(format!("[volume.v]\n{line}\n"));
    }
    for manifest in [
        "[eip.e]\nbandwidth = S\n",
        "[eip.e]\nname = S\n",
        "[eip.e]\nauto = true\nbandwidth = S\n",
        "[eip.e]\ncycle_type = \"month\"\ncycle_count = S\n",
        "[eip.e]\ncycle_type = S\ncycle_count = 3\n",
        "[volume.v]\ntype = \"DiskVolume\"\ndisk = { kind = \"SATA\", size = S }\n",
        "[volume.v]\ntype = \"DiskVolume\"\ndisk = { kind = S, size = 20 }\n",
        "[volume.v]\ntype = \"DiskVolume\"\ndisk = { kind = \"XSSD-0\", size = 20, provisioned_iops = S }\n",
        "[eip.e]\nfor_each = { a = S }\nbandwidth = '${each.value}'\n",
        "[local.x]\nvalue = S\n[output.o]\nvalue = '${local.x.a}'\n",
        "[output.o]\nvalue = S\n",
        "[output.o]\nvalue = '${tonumber(var.pw)}'\n",
        "[output.o]\nvalue = '${file(var.pw)}'\n",
        "[output.o]\nvalue = '${fileexists(var.pw)}'\n",
        "[output.o]\nvalue = '${templatefile(var.pw, {})}'\n",
        "[output.o]\nvalue = '${fileset(var.pw, \"*\")}'\n",
        "[output.o]\nvalue = '${{ a = 1 }[var.pw]}'\n",
        "[output.o]\nvalue = '${jsondecode(var.pw)}'\n",
        "[output.o]\nvalue = '${regex(var.pw, \"a\")}'\n",
        "[output.o]\nvalue = '${[for x in [1] : { (var.pw) = 1 }]}'\n",
        "[output.o]\nvalue = '${{ for x in [1, 2] : (var.pw) => x }}'\n",
        "[output.o]\nvalue = '${var.pw + 1}'\n",
        "[output.o]\nvalue = '${var.pw ? 1 : 2}'\n",
        "[variable.v]\ndefault = S\n",
        "[variable.v]\ndescription = S\ndefault = 1\n",
        "[variable.v]\ndefault = 1\nsensitive = S\n",
        "[variable.v]\ntype = S\ndefault = 1\n",
        "[provider]\ndefault_tags = { a = S }\n",
        "[provider]\ndefault_tags = S\n",
        "[backend.local]\npath = S\n",
        "[module.m]\nsource = S\n",
        "[module.m]\nsource = \"./m\"\ninputs = S\n",
        "[module.m]\nsource = \"./m\"\ninputs = { x = S }\n[output.o]\nvalue = '${module.m.y.z}'\n",
        "[module.m]\nsource = \"./m\"\nfor_each = [S]\ninputs = { x = S }\n",
        "[[import]]\nto = S\nid = S\n",
        "[[import]]\nto = \"eip.a\"\nid = S\n",
        "[[moved]]\nfrom = S\nto = S\n",
        "[[removed]]\nfrom = S\ndestroy = S\n",
    ] {
        manifests.push(manifest.to_owned());
    }
    let (mut count, mut all) = (0, Vec::new());
    for manifest in manifests.iter().flat_map(|it| planted(it)) {
        let found = findings(&manifest);
        all.append(&mut shown(&found));
        count += usize::from(!found.diagnostics.is_empty());
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
    // Most of them are wrong, so that they have diagnostics.
    assert!(count > 100, "{count}");
}

#[test]
fn what_a_module_makes_a_secret_is_hidden_where_it_is_written() {
    let credentials = "image_registry_credentials = [{ server = \"r.example\", \
                       user_name = \"u\", password = '${var.reg}' }]\n";
    let module = group("web", credentials)
        + "env = { Q = '${sensitive(local.q)}' }\n[locals]\nq = '${var.q}'\n\
           [variable.reg]\n[variable.q]\n[variable.pw]\nsensitive = true\n[variable.open]\n";
    let outer = "[module.inner]\nsource = \"../inner\"\ninputs = { pw = \"x\", reg = '${var.reg}', \
                 q = '${local.q}', open = \"shown\" }\n[locals]\nq = '${var.all.q}'\n\
                 [variable.reg]\n[variable.all]\n";
    let main = format!(
        "[module.outer]\nsource = \"./outer\"\n\
         inputs = {{ reg = \"{SECRET}\", all = {{ q = [\"{SECRET}\"] }} }}\n\
         [module.inner]\nsource = \"./inner\"\n\
         inputs = {{ pw = \"{SECRET}\", reg = \"{SECRET}\", q = \"{SECRET}\", open = \"shown\" }}\n"
    );
    let module = module.replace("sensitive(local.q)", "sensitive(jsonencode(local.q))");
    let directory = Directory::with(&[
        ("main.eci.toml", &*main),
        ("outer/main.eci.toml", outer),
        ("inner/main.eci.toml", &*module),
    ]);
    let warnings = directory.load().unwrap().warnings;
    assert!(!warnings.0.is_empty());
    let mut open = 0;
    for label in warnings.0.iter().flat_map(|it| &it.primary) {
        let source = &label.place.source;
        let shown = source.shown(0..source.text.len());
        assert!(!shown.contains(SECRET), "{shown}");
        open += shown.matches("\"shown\"").count();
    }
    assert!(open > 0, "{warnings}");
}
