//! `eci init`

mod migrate;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use eci_core::regular::{self, LARGEST_TEXT};
use eci_format::MANIFEST_ENDING;
use eci_state::atomic_file;
use eci_text::{Lang, Text, say, text};

use crate::arguments::InitArgs;
use crate::context::{Context, in_shell};
use crate::error::CommandError;
use crate::examples;
use crate::exit_status::ExitStatus;
use crate::stdio::print_stdout;

/// The path of the schema, relative to the configuration directory.
const SCHEMA: &str = ".eci/schema.json";

fn gitignore() -> Text {
    let comments = [
        text!(
            en: "The state and its backups. Do not lose them, and keep them private.",
            zh: "状态及其备份。不要丢失，也不要公开。",
        ),
        text!(
            en: "Plans saved by `eci plan --out`.",
            zh: "`eci plan --out` 保存的计划。",
        ),
        text!(
            en: "Artifacts of `eci ci`.",
            zh: "`eci ci` 的制品。",
        ),
        text!(
            en: "Variable files with secrets, for example secrets.auto.vars.toml.",
            zh: "含有机密信息的变量值文件，例如 secrets.auto.vars.toml。",
        ),
        text!(
            en: "A file that `credentials_file` of [provider] refers to.",
            zh: "[provider] 的 `credentials_file` 引用的文件。",
        ),
    ];
    let [state, plans, artifacts, secrets, credentials] = &comments;
    let file = |lang| {
        format!(
            "# {}\nstate/\n\n# {}\n*.eciplan\n\n# {}\neci-ci/\n\n# {}\n*secret*.vars.toml\n\n\
             # {}\ncredentials.toml\n*.credentials.toml\n",
            state.get(lang),
            plans.get(lang),
            artifacts.get(lang),
            secrets.get(lang),
            credentials.get(lang)
        )
    };
    Text::new(file(Lang::En), file(Lang::Zh))
}

fn taplo() -> Text {
    text!(
        en: "# {settings}\n{rule}\n# {format}\n{formatting}",
        zh: "# {settings}\n{rule}\n# {format}\n{formatting}",
        settings = text!(
            en: "Settings for Taplo and Even Better TOML (VS Code). `eci init` regenerates the schema.",
            zh: "Taplo 和 Even Better TOML（VS Code）的设置。`eci init` 会重新生成 Schema。",
        ),
        rule = "[[rule]]\ninclude = [\"**/*.eci.toml\"]\n\n[rule.schema]\npath = \".eci/schema.json\"\n",
        format = text!(en: "The canonical format of `eci fmt`.", zh: "`eci fmt` 的规范格式。"),
        formatting = "[formatting]\ncolumn_width = 100\nalign_comments = false\n\
                      array_auto_collapse = false\nallowed_blank_lines = 1\n",
    )
}

/// Writes what a newcomer begins with.
///
/// What is there already stays.
pub(crate) async fn init(context: &Context, args: &InitArgs) -> Result<ExitStatus, CommandError> {
    if let Some(from) = &args.migrate {
        return migrate::run(context, args, from).await;
    }
    refuse_settings(&context.globals.backend)?;
    let directory = directory(context)?;
    let there = manifests_in(&directory)?;
    if let (Some(first), Some(_)) = (there.first(), args.from) {
        return Err(CommandError::new(
            text!(
                en: "the directory already contains manifests, for example `{path}`",
                zh: "目录中已有清单，例如 `{path}`",
                path = first.display(),
            ),
            text!(
                en: "use `-C` to create the example in an empty directory",
                zh: "使用 `-C` 在空目录中创建示例",
            ),
        ));
    }
    let mut files = ProjectFiles {
        lang: context.lang(),
        ..ProjectFiles::default()
    };
    if there.is_empty() {
        for file in examples::localized(args.from.unwrap_or_default()) {
            let text = if file.name.ends_with(MANIFEST_ENDING) {
                let with_schema = |text| format!("#:schema {SCHEMA}\n\n{text}").into();
                file.text.map(with_schema)
            } else {
                file.text
            };
            files.create(&directory.join(file.name), &text)?;
        }
    }
    files.schema(&directory, context.lang())?;
    files.create(&directory.join(".taplo.toml"), &taplo())?;
    files.create(&directory.join(".gitignore"), &gitignore())?;
    let written = files.written.iter();
    let written: String = written
        .map(|line| format!("{}\n", line.get(context.lang())))
        .collect();
    print_stdout(&written)?;
    context.note_rendered(&files.summary(context, &there));
    Ok(ExitStatus::Done)
}

/// Refuses settings of the backend, which Terraform would record for all further commands.
fn refuse_settings(settings: &[String]) -> Result<(), CommandError> {
    let Some(setting) = settings.first() else {
        return Ok(());
    };
    let key = setting.split_once('=').map_or("KEY", |(key, _)| key);
    Err(CommandError::new(
        text!(
            en: "`eci init` records no settings of `--backend`",
            zh: "`eci init` 不记录 `--backend` 的设置",
        ),
        text!(
            en: "set `{variable}` in the environment, repeat `--backend` with each command, or write the setting into \
                 `[backend.NAME]` in a manifest",
            zh: "设置环境变量 `{variable}`，或在每个命令中指定 `--backend`，或将该设置写入清单的 `[backend.NAME]`",
            variable = format!("ECI_BACKEND_{}", key.to_uppercase()),
        ),
    ))
}

/// Returns the configuration directory, which need not exist yet.
fn directory(context: &Context) -> Result<PathBuf, CommandError> {
    if let Some(directory) = &context.globals.directory
        && !directory.exists()
    {
        fs::create_dir_all(directory).map_err(|error| unwritable(directory, &error))?;
    }
    context.path(Path::new(""))
}

fn manifests_in(directory: &Path) -> Result<Vec<PathBuf>, CommandError> {
    let entries = fs::read_dir(directory).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let entries = entries.map_err(|error| CommandError::unlistable(directory, &error))?;
    let mut manifests: Vec<PathBuf> = entries
        .into_iter()
        .map(|entry| eci_engine::strip_current_dir(&entry.path()))
        .filter(|path| path.to_string_lossy().ends_with(MANIFEST_ENDING))
        .collect();
    manifests.sort();
    Ok(manifests)
}

fn names_a_schema(path: &Path) -> bool {
    let text = regular::read_to_string(path, LARGEST_TEXT).unwrap_or_default();
    text.lines().any(|line| line.starts_with("#:schema "))
}

fn unwritable(path: &Path, error: &io::Error) -> CommandError {
    let help = text!(
        en: "use `-C` to select a writable directory",
        zh: "使用 `-C` 指定可写的目录",
    );
    CommandError::unwritable(path, error, help)
}

/// Returns the line about a file that a command created.
pub(crate) fn created(path: &Path) -> Text {
    text!(
        en: "Created {path}",
        zh: "已创建 {path}",
        path = path.display(),
    )
}

/// The files that were written, one line for each, and those that existed.
#[derive(Debug, Default)]
struct ProjectFiles {
    lang: Lang,
    written: Vec<Text>,
    kept: Vec<PathBuf>,
    /// Lines that a .gitignore of someone else should have too.
    ignore: Vec<String>,
}

impl ProjectFiles {
    fn create(&mut self, path: &Path, text: &Text) -> Result<(), CommandError> {
        let path = eci_engine::strip_current_dir(path);
        match atomic_file::create(&path, text.get(self.lang).as_bytes()) {
            Ok(()) => self.written.push(created(&path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => self.keep(path, text),
            Err(error) => return Err(unwritable(&path, &error)),
        }
        Ok(())
    }

    /// Takes note of a file that is there already.
    fn keep(&mut self, path: PathBuf, text: &Text) {
        let there = regular::read_to_string(&path, LARGEST_TEXT).unwrap_or_default();
        if path.ends_with(".gitignore") {
            let lines: Vec<&str> = there.lines().map(str::trim).collect();
            let missing = text
                .en()
                .lines()
                .filter(|line| !(line.is_empty() || line.starts_with('#') || lines.contains(line)));
            self.ignore.extend(missing.map(str::to_owned));
        } else if Lang::ALL.iter().all(|lang| there != text.get(*lang)) {
            self.kept.push(path);
        }
    }

    /// Writes the schema of this very version.
    fn schema(&mut self, directory: &Path, lang: Lang) -> Result<(), CommandError> {
        let path = eci_engine::strip_current_dir(&directory.join(SCHEMA));
        let text = format!("{:#}\n", eci_schema::manifest(lang));
        let above = path.parent().unwrap_or(directory);
        fs::create_dir_all(above).map_err(|error| unwritable(above, &error))?;
        match regular::read_to_string(&path, LARGEST_TEXT) {
            Ok(there) if there == text => return Ok(()),
            Ok(_) => atomic_file::replace(&path, text.as_bytes())
                .map_err(|error| unwritable(&path, &error))?,
            Err(_) => return self.create(&path, &Text::verbatim(text)),
        }
        self.written.push(text!(
            en: "Updated {path}",
            zh: "已更新 {path}",
            path = path.display(),
        ));
        Ok(())
    }

    /// Returns the summary for the user: kept files and next steps.
    fn summary(&self, context: &Context, there: &[PathBuf]) -> String {
        let lang = context.lang();
        let mut text = String::new();
        if self.written.is_empty() {
            text.push_str(lang.pick(
                "Nothing to write: all files already exist.\n",
                "无需写入，所有文件均已存在。\n",
            ));
        }
        for path in &self.kept {
            text.push_str(&say!(
                lang,
                en: "Kept the existing file `{path}`.\n",
                zh: "已保留现有文件 `{path}`。\n",
                path = path.display(),
            ));
        }
        if !self.ignore.is_empty() {
            text.push_str(lang.pick(
                "Kept the existing `.gitignore`. Add these lines to it:\n",
                "已保留现有的 `.gitignore`，在其中添加以下行：\n",
            ));
            self.ignore
                .iter()
                .for_each(|line| text.push_str(&format!("  {line}\n")));
        }
        if there.is_empty() {
            let at = match &context.globals.directory {
                Some(directory) => format!(" -C {}", in_shell(directory)),
                None => String::new(),
            };
            text.push_str(&say!(
                lang,
                en: "Next steps, in a simulated cloud and without an account:\n  \
                     eci plan --sandbox{at}     shows the changes\n  \
                     eci apply --sandbox{at}    applies them\n\
                     For the real cloud, set the region and the network IDs in the manifests, set \
                     `CTYUN_AK` and `CTYUN_SK`, and omit `--sandbox`.\n",
                zh: "后续步骤（使用模拟云，无需账号）：\n  \
                     eci plan --sandbox{at}     显示变更\n  \
                     eci apply --sandbox{at}    应用变更\n\
                     如需使用真实云，在清单中填写区域和网络 ID，设置 `CTYUN_AK` 和 `CTYUN_SK`，并去掉 `--sandbox`。\n",
                at = at,
            ));
        } else if let Some(path) = there.iter().find(|path| !names_a_schema(path)) {
            text.push_str(&say!(
                lang,
                en: "Kept the existing manifests. Add this line at the top of `{path}` for editor support:\n  \
                     #:schema {schema}\n",
                zh: "已保留现有清单。如需编辑器支持，在 `{path}` 的首行添加：\n  \
                     #:schema {schema}\n",
                path = path.display(),
                schema = SCHEMA,
            ));
        }
        text
    }
}
