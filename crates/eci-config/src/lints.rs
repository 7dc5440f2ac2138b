//! Warnings: rules across several fields or resources that are documented (API
//! reference), or that the cloud probably has (assumed).

mod advice;
mod registry_credentials;

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use eci_core::schema::Check;
use eci_core::{Diagnostic, Diagnostics, Kind, Map, Number, Path, codes};
use eci_text::text;

use self::advice::{Advice, number, string_of, tables};
use crate::resource::Resource;

/// Ports that are closed on elastic IPs unless they are opened on request (seed page).
const CLOSED_PORTS: [i64; 4] = [80, 443, 8080, 8443];

/// The mount path of volumes in memory (API reference).
const SHARED_MEMORY: &str = "/dev/shm";

/// The most bytes of a file in a ConfigFileVolume; assumed, from a cloud with the same product.
const FILE_LIMIT: usize = 60 * 1024;

/// Sums of decimal fractions are compared in parts of this many: 0.1 and 0.2 make 0.3.
const PRECISION: f64 = 1e6;

/// Reports warnings about the attributes of a resource in which no error was found.
///
/// Messages name no instance, so that a warning about all instances is reported once.
pub(crate) fn advise(resource: &Resource, attributes: &Map, diagnostics: &mut Diagnostics) {
    let mut advice = Advice {
        resource,
        attributes,
        diagnostics,
    };
    match resource.address.kind() {
        Kind::ContainerGroup => {
            advice.closed_ports();
            advice.memory_mounts();
            advice.volume_count();
            advice.size("cpu", "vCPU");
            advice.size("memory", "GiB");
            advice.size("gpu", "GPU");
            registry_credentials::unused_credentials(&mut advice);
        }
        Kind::Volume => {
            advice.file_sizes();
        }
        Kind::Eip => {}
    }
}

impl<'a> Advice<'a> {
    fn closed_ports(&mut self) {
        if !self.attributes.contains_key("eip") {
            return;
        }
        for (container, table) in self.tables("containers") {
            for (port, table) in tables(table.get("ports")) {
                let number = number(table.get("port")).and_then(Number::as_i64);
                let Some(number) = number.filter(|number| CLOSED_PORTS.contains(number)) else {
                    continue;
                };
                let path = Path::root().name("containers").index(container);
                let path = path.name("ports").index(port).name("port");
                let message = text!(
                    en: "port {number} is blocked on EIPs by default",
                    zh: "弹性 IP 默认不开放 {number} 端口",
                    number = number,
                );
                let linked = self.resource.span_of(&Path::root().name("eip"));
                self.diagnostics.push(
                    Diagnostic::new(codes::CLOSED_PORT, message)
                        .at(self.resource.span_of(&path))
                        .secondary(linked, text!(en: "EIP", zh: "弹性 IP"))
                        .help(text!(
                            en: "use another port, or ask CTyun to open it",
                            zh: "使用其他端口，或向天翼云申请开放",
                        )),
                );
            }
        }
    }

    fn memory_mounts(&mut self) {
        let in_memory: BTreeSet<&str> = self
            .tables("volumes")
            .filter(|(_, volume)| string_of(volume, "medium") == Some("Memory"))
            .filter_map(|(_, volume)| string_of(volume, "name"))
            .collect();
        if in_memory.is_empty() {
            return;
        }
        for list in ["containers", "init_containers"] {
            for (container, table) in self.tables(list) {
                for (at, mount) in tables(table.get("volume_mounts")) {
                    let is_in_memory =
                        string_of(mount, "volume").is_some_and(|it| in_memory.contains(it));
                    let is_elsewhere = string_of(mount, "mount_path")
                        .is_some_and(|path| path.trim_end_matches('/') != SHARED_MEMORY);
                    if is_in_memory && is_elsewhere {
                        let path = Path::root().name(list).index(container);
                        let path = path.name("volume_mounts").index(at);
                        self.warn(
                            codes::MEMORY_MOUNT,
                            text!(
                                en: "a volume in memory must be mounted at `{path}`",
                                zh: "内存存储卷必须挂载到 `{path}`",
                                path = SHARED_MEMORY,
                            ),
                            &path.name("mount_path"),
                            text!(
                                en: "set `mount_path = \"{path}\"`, or remove `medium` of the volume",
                                zh: "设置 `mount_path = \"{path}\"`，或删除存储卷的 `medium`",
                                path = SHARED_MEMORY,
                            ),
                    );
                    }
                }
            }
        }
    }

    /// Warns of too many volumes, unless the description of the field has counted the listed ones.
    fn volume_count(&mut self) {
        let path = Path::root().name("volumes");
        let count = self.tables("volumes").count();
        let Some(most) = self.most_volumes().filter(|most| count > *most) else {
            return;
        };
        let place = self.resource.span_of(&path);
        let is_reported = self.diagnostics.0.iter().any(|found| {
            found.code == codes::MANY && found.primary.as_ref().is_some_and(|at| at.place == place)
        });
        if !is_reported {
            let message = text!(
                en: "a container group can have at most {most} volumes, found {count} including those that containers mount",
                zh: "一个容器组最多有 {most} 个存储卷，加上容器挂载的共有 {count} 个",
                most = most,
                count = count,
            );
            let help = text!(
                en: "merge the files of several volumes into one, or split the container group",
                zh: "将多个存储卷的文件合并到一个，或拆分容器组",
            );
            self.warn(codes::MANY, message, &path, help);
        }
    }

    fn most_volumes(&self) -> Option<usize> {
        let fields = self.resource.address.kind().schema().fields;
        let field = fields.iter().find(|field| field.name == "volumes")?;
        field.checks.iter().find_map(|check| match check {
            Check::AtMost(most) | Check::ProbablyAtMost(most) => Some(*most),
            _ => None,
        })
    }

    /// Containers run side by side, init containers one after another.
    fn size(&mut self, name: &'static str, unit: &str) {
        let rounded = |number: f64| (number * PRECISION).round() / PRECISION;
        let Some(given) = number(self.attributes.get(name)).map(Number::as_f64) else {
            return;
        };
        let amounts = |list: &'static str| {
            self.tables(list)
                .filter_map(|(_, it)| Some(number(it.get(name))?.as_f64()))
        };
        let sum = rounded(amounts("containers").sum());
        let most = rounded(amounts("init_containers").fold(0.0, f64::max));
        let needed = sum.max(most);
        if needed > rounded(given) {
            let message = if sum >= most {
                text!(
                    en: "the containers request {needed} {unit}, but the container group has {given}",
                    zh: "各容器合计请求 {needed} {unit}，但容器组只有 {given} {unit}",
                    needed = needed,
                    unit = unit,
                    given = given,
                )
            } else {
                text!(
                    en: "an init container requests {needed} {unit}, but the container group has {given}",
                    zh: "一个 Init 容器请求 {needed} {unit}，但容器组只有 {given}",
                    needed = needed,
                    unit = unit,
                    given = given,
                )
            };
            let help = text!(
                en: "increase `{name}` of the container group, or remove it to derive it from the containers",
                zh: "增大容器组的 `{name}`，或删除该键，由各容器推算",
                name = name,
            );
            self.warn(codes::SIZE, message, &Path::root().name(name), help);
        }
    }

    fn file_sizes(&mut self) {
        for (at, file) in self.tables("files") {
            let (key, size) = match (
                string_of(file, "content"),
                string_of(file, "content_base64"),
            ) {
                (Some(content), _) => ("content", content.len()),
                // Invalid base64 was reported.
                (None, Some(encoded)) => {
                    let decoded = BASE64.decode(encoded).map_or(0, |bytes| bytes.len());
                    ("content_base64", decoded)
                }
                (None, None) => continue,
            };
            if size > FILE_LIMIT {
                let message = text!(
                    en: "a file of more than {limit} KiB will probably be rejected by the cloud",
                    zh: "云端很可能拒绝超过 {limit} KiB 的文件",
                    limit = FILE_LIMIT / 1024,
                );
                let help = text!(
                    en: "split the file, or store it in the image, in a `NasVolume`, or in a `ZosVolume`",
                    zh: "拆分文件，或将其存放在镜像、`NasVolume` 或 `ZosVolume` 中",
                );
                let path = Path::root().name("files").index(at).name(key);
                self.warn(codes::FILE_SIZE, message, &path, help);
            }
        }
    }
}
