//! `eci fmt`

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use eci_core::Diagnostics;
use eci_core::diagnostic::Source;
use eci_core::regular::{self, LARGEST_TEXT};
use eci_format::{FileKind, FormatError, MANIFEST_ENDING, VARIABLES_ENDING, format};
use eci_state::atomic_file;
use eci_text::{Lang, Noun, Text, text};

use crate::arguments::FmtArgs;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::stdio::{exactly, print_stderr, print_stdout};

/// Lays out files.
pub(crate) fn fmt(context: &Context, args: &FmtArgs) -> Result<ExitStatus, CommandError> {
    if args.files.iter().any(|path| is_stdin(path)) {
        return piped(context, args);
    }
    let mut work = FormatProgress::new(context, args);
    for path in files(context, args)? {
        work.file(&path)?;
    }
    work.end()
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// Lays out standard input, which is a manifest.
fn piped(context: &Context, args: &FmtArgs) -> Result<ExitStatus, CommandError> {
    if args.files.len() > 1 {
        return Err(CommandError::new(
            text!(
                en: "`-` cannot be combined with other files",
                zh: "`-` 不能与其他文件同时使用",
            ),
            text!(
                en: "format standard input and the files with separate commands",
                zh: "分别用不同的命令格式化标准输入和文件",
            ),
        ));
    }
    let mut text = String::new();
    // One byte more shows that there is more.
    let mut input = std::io::stdin().lock().take(LARGEST_TEXT + 1);
    input.read_to_string(&mut text).map_err(|error| {
        CommandError::new(
            text!(
                en: "failed to read standard input: {cause}",
                zh: "读取标准输入失败：{cause}",
                cause = error,
            ),
            text!(
                en: "pass one manifest, encoded in UTF-8",
                zh: "传入一个 UTF-8 编码的清单",
            ),
        )
    })?;
    if input.limit() == 0 {
        return Err(CommandError::new(
            text!(
                en: "standard input is larger than {limit} MiB",
                zh: "标准输入超过 {limit} MiB",
                limit = LARGEST_TEXT >> 20,
            ),
            text!(en: "pass one manifest", zh: "传入一个清单"),
        ));
    }
    let source = Arc::new(Source::new("-", text));
    let formatted = match format(&source, FileKind::Manifest) {
        Ok(formatted) => formatted,
        Err(FormatError::NotToml(diagnostic)) => return Err(Diagnostics::from(*diagnostic).into()),
        Err(error) => return Err(CommandError::plain(error)),
    };
    let changes = formatted != source.text;
    match (args.diff, args.check) {
        (true, _) => print_stdout(&eci_render::file_diff(
            "-",
            &source.text,
            &formatted,
            context.out,
        ))?,
        (false, true) if changes => print_stdout("-\n")?,
        (false, true) => {}
        (false, false) => exactly(&formatted)?,
    }
    Ok(if args.check && changes {
        ExitStatus::Failed
    } else {
        ExitStatus::Done
    })
}

/// Returns the files to format, each once, in the order in which they are named.
fn files(context: &Context, args: &FmtArgs) -> Result<Vec<PathBuf>, CommandError> {
    let named = if args.files.is_empty() {
        vec![PathBuf::new()]
    } else {
        args.files.clone()
    };
    let mut known = BTreeSet::new();
    let mut files = Vec::new();
    for path in named {
        let path = context.path(&path)?;
        let found = if path.is_dir() {
            files_in(&path)?
        } else {
            vec![path]
        };
        files.extend(found.into_iter().filter(|path| known.insert(path.clone())));
    }
    Ok(files)
}

/// Returns the manifests and variable files directly in a directory, in name order.
fn files_in(directory: &Path) -> Result<Vec<PathBuf>, CommandError> {
    let unreadable = |error: std::io::Error| CommandError::unlistable(directory, &error);
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if kind_of(&path).is_some() && path.is_file() {
            files.push(eci_engine::strip_current_dir(&path));
        }
    }
    if files.is_empty() {
        return Err(CommandError::new(
            text!(
                en: "no manifest (`*{manifest}`) or variable file (`*{variables}`) found in `{path}`",
                zh: "在 `{path}` 中未找到清单（`*{manifest}`）或变量值文件（`*{variables}`）",
                manifest = MANIFEST_ENDING,
                variables = VARIABLES_ENDING,
                path = directory.display(),
            ),
            text!(
                en: "select files or another directory, or create an example with `eci init`",
                zh: "指定文件或其他目录，或使用 `eci init` 创建示例",
            ),
        ));
    }
    files.sort();
    Ok(files)
}

fn kind_of(path: &Path) -> Option<FileKind> {
    FileKind::of(&path.file_name()?.to_string_lossy())
}

/// The progress of formatting.
struct FormatProgress<'a> {
    context: &'a Context,
    args: &'a FmtArgs,
    changed: usize,
    kept: usize,
    wrong: Diagnostics,
    failed: usize,
}

impl<'a> FormatProgress<'a> {
    fn new(context: &'a Context, args: &'a FmtArgs) -> FormatProgress<'a> {
        FormatProgress {
            context,
            args,
            changed: 0,
            kept: 0,
            wrong: Diagnostics::default(),
            failed: 0,
        }
    }

    /// Formats one file.
    ///
    /// Errors in it do not keep the others from being formatted.
    fn file(&mut self, path: &Path) -> Result<(), CommandError> {
        let Some(kind) = kind_of(path) else {
            let message = text!(
                en: "`{path}` is neither a manifest (`*{manifest}`) nor a variable file (`*{variables}`)",
                zh: "`{path}` 既不是清单（`*{manifest}`），也不是变量值文件（`*{variables}`）",
                path = path.display(),
                manifest = MANIFEST_ENDING,
                variables = VARIABLES_ENDING,
            );
            let help = text!(en: "rename or omit it", zh: "重命名或不要指定该文件");
            self.fail(message, Some(help));
            return Ok(());
        };
        let text = match read(path) {
            Ok(text) => text,
            Err(UnreadableFile { message, help }) => {
                self.fail(message, Some(help));
                return Ok(());
            }
        };
        let source = Arc::new(Source::new(path.display().to_string(), text));
        match format(&source, kind) {
            Err(FormatError::NotToml(diagnostic)) => self.wrong.push(*diagnostic),
            Err(error) => self.fail(Text::of(&error), None),
            Ok(formatted) if formatted == source.text => self.kept += 1,
            Ok(formatted) => self.change(path, &source, &formatted)?,
        }
        Ok(())
    }

    fn change(
        &mut self,
        path: &Path,
        source: &Source,
        formatted: &str,
    ) -> Result<(), CommandError> {
        if !self.args.check
            && let Err(error) = atomic_file::replace(path, formatted.as_bytes())
        {
            let message = text!(
                en: "failed to write `{path}`, which was not changed: {cause}",
                zh: "写入 `{path}` 失败，文件未修改：{cause}",
                path = path.display(),
                cause = error,
            );
            self.fail(message, None);
            return Ok(());
        }
        self.changed += 1;
        if self.args.diff {
            let style = self.context.out;
            print_stdout(&eci_render::file_diff(
                &source.name,
                &source.text,
                formatted,
                style,
            ))?;
        } else {
            print_stdout(&format!("{}\n", eci_text::line(&source.name)))?
        }
        Ok(())
    }

    fn fail(&mut self, message: Text, help: Option<Text>) {
        self.failed += 1;
        let error = eci_render::error(&message.into(), help.as_ref(), self.context.err);
        print_stderr(&error);
    }

    fn end(self) -> Result<ExitStatus, CommandError> {
        if self.wrong.has_errors() {
            self.context.print_diagnostics(&self.wrong);
        }
        let untouched = self.failed + self.wrong.0.len();
        let changed = if self.args.check {
            TO_FORMAT
        } else {
            FORMATTED
        };
        let counts = [
            changed.count(self.changed),
            ALREADY_FORMATTED.count(self.kept),
            SKIPPED.count(untouched),
        ];
        let is_counted = [self.changed > 0, self.kept > 0, untouched > 0];
        let counts = counts.into_iter().zip(is_counted);
        let counts = counts.filter(|(_, is_counted)| *is_counted);
        let counts: Vec<Text> = counts.map(|(count, _)| Text::of(&count)).collect();
        let [en, zh] = Lang::ALL.map(|lang| {
            let counts: Vec<&str> = counts.iter().map(|count| count.get(lang)).collect();
            counts.join(lang.pick(", ", "，")) + lang.pick(".", "。")
        });
        self.context.note(&Text::new(en, zh));
        Ok(if untouched > 0 || (self.args.check && self.changed > 0) {
            ExitStatus::Failed
        } else {
            ExitStatus::Done
        })
    }
}

const TO_FORMAT: Noun = Noun {
    one: "file to format",
    many: "files to format",
    zh: "文件需要格式化",
    measure: "个",
};

const FORMATTED: Noun = Noun {
    one: "file formatted",
    many: "files formatted",
    zh: "文件已格式化",
    measure: "个",
};

const ALREADY_FORMATTED: Noun = Noun {
    one: "file already formatted",
    many: "files already formatted",
    zh: "文件已是规范格式",
    measure: "个",
};

const SKIPPED: Noun = Noun {
    one: "file skipped",
    many: "files skipped",
    zh: "文件已跳过",
    measure: "个",
};

/// The error of a file that cannot be read.
struct UnreadableFile {
    message: Text,
    help: Text,
}

fn read(path: &Path) -> Result<String, UnreadableFile> {
    let bytes = regular::read(path, LARGEST_TEXT).map_err(|error| UnreadableFile {
        message: text!(
            en: "failed to read `{path}`: {cause}",
            zh: "读取 `{path}` 失败：{cause}",
            path = path.display(),
            cause = error,
        ),
        help: text!(
            en: "check the path and its permissions",
            zh: "检查路径及其权限",
        ),
    })?;
    String::from_utf8(bytes).map_err(|error| UnreadableFile {
        message: text!(
            en: "`{path}` is not valid UTF-8 at byte {at}",
            zh: "`{path}` 在第 {at} 字节处不是有效的 UTF-8",
            path = path.display(),
            at = error.utf8_error().valid_up_to(),
        ),
        help: text!(en: "save it as UTF-8", zh: "将其保存为 UTF-8 编码"),
    })
}
