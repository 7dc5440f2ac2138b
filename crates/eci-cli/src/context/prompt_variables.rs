//! Values of missing variables, requested on the terminal.

use eci_config::{Configuration, DeclaredVariable, DeclaredVariables, ValueSource, Variables};
use eci_core::{Diagnostics, Severity, codes};
use eci_text::{Lang, Text, text};

use super::Context;
use crate::error::CommandError;
use crate::signals::Signals;
use crate::stdio::print_stderr;
use crate::terminal::{self, EchoMode};

impl Context {
    /// Returns whether values can be requested on a terminal, and the user has not disabled it.
    pub(crate) fn may_ask(&self) -> bool {
        self.globals.input.unwrap_or(true) && terminal::is_there()
    }

    /// Reads the manifests, and requests the values of variables unless the manifests have other errors.
    pub(crate) async fn load_prompting(
        &self,
        variables: &mut Variables,
        signals: &mut Signals,
    ) -> Result<Configuration, CommandError> {
        let directory = self.directory()?;
        match self.reading(signals, || {
            Ok::<_, CommandError>(eci_config::load(directory, variables))
        })? {
            Err(diagnostics) if only_values_are_missing(&diagnostics) && self.may_ask() => {
                self.ask_for_missing(variables, signals).await?;
                self.reading(signals, || self.load_with(variables))
            }
            loaded => Ok(loaded?),
        }
    }

    /// Reads the manifests leniently: errors in them are among
    /// the warnings of the configuration.
    pub(crate) async fn load_lenient_prompting(
        &self,
        variables: &mut Variables,
        signals: &mut Signals,
    ) -> Result<Configuration, CommandError> {
        let directory = self.directory()?;
        let read = self.reading(signals, || eci_config::load_lenient(directory, variables))?;
        let warnings = &read.warnings;
        if !(warnings.has_errors() && only_values_are_missing(warnings) && self.may_ask()) {
            return Ok(read);
        }
        self.ask_for_missing(variables, signals).await?;
        self.reading(signals, || eci_config::load_lenient(directory, variables))
    }

    /// Requests the values of all variables that have none.
    async fn ask_for_missing(
        &self,
        variables: &mut Variables,
        signals: &mut Signals,
    ) -> Result<(), CommandError> {
        let declared = eci_config::load_variables(self.directory()?)?;
        let missing = declared.missing(variables);
        self.ask_for(&declared, &missing, variables, signals).await
    }

    /// Requests the values of the variables of these names.
    pub(crate) async fn ask_for_names(
        &self,
        names: &[String],
        variables: &mut Variables,
        signals: &mut Signals,
    ) -> Result<(), CommandError> {
        let declared = eci_config::load_variables(self.directory()?)?;
        let missing: Vec<_> = names.iter().filter_map(|name| declared.get(name)).collect();
        self.ask_for(&declared, &missing, variables, signals).await
    }

    /// Requests one value after the other; the end of input leaves out the rest.
    async fn ask_for(
        &self,
        declared: &DeclaredVariables,
        missing: &[DeclaredVariable],
        variables: &mut Variables,
        signals: &mut Signals,
    ) -> Result<(), CommandError> {
        self.say(&request(missing.len()));
        for variable in missing {
            print_stderr(&question(variable, self.lang()));
            let Some(answer) = self.answer(declared, variable, signals).await? else {
                break;
            };
            variables.set(&variable.name, &answer, ValueSource::Prompt);
        }
        print_stderr("");
        Ok(())
    }

    /// Asks until the answer fits.
    async fn answer(
        &self,
        declared: &DeclaredVariables,
        variable: &DeclaredVariable,
        signals: &mut Signals,
    ) -> Result<Option<String>, CommandError> {
        let echo = if variable.sensitive {
            EchoMode::Hidden
        } else {
            EchoMode::Shown
        };
        loop {
            let Some(answer) = terminal::line(signals, echo).await? else {
                return Ok(None);
            };
            if answer.is_empty() {
                let name = &variable.name;
                self.say(&text!(
                    en: "No value was entered. Use `--var {name}=` for an empty value.",
                    zh: "未输入任何值。如需空值，使用 `--var {name}=`。",
                    name = name,
                ));
                continue;
            }
            match declared.check(&variable.name, &answer) {
                Ok(()) => return Ok(Some(answer)),
                Err(wrong) => self.print_diagnostics(&wrong),
            }
        }
    }
}

fn only_values_are_missing(diagnostics: &Diagnostics) -> bool {
    let mut errors = diagnostics.0.iter();
    errors.all(|it| it.severity != Severity::Error || it.code == codes::MISSING_VARIABLE)
}

fn request(count: usize) -> Text {
    if count == 1 {
        return text!(
            en: "1 variable has no value. Enter a value:",
            zh: "1 个变量没有值，请输入：",
        );
    }
    text!(
        en: "{count} variables have no value. Enter a value for each:",
        zh: "{count} 个变量没有值，请逐个输入：",
        count = count,
    )
}

/// Returns the prompt of a variable: `image (string): what the web tier runs`.
fn question(variable: &DeclaredVariable, lang: Lang) -> String {
    let mut question = format!("\n{}", variable.name);
    let hidden = variable.sensitive.then(|| lang.pick("not shown", "不显示"));
    let notes: Vec<&str> = variable.ty.as_deref().into_iter().chain(hidden).collect();
    if !notes.is_empty() {
        question.push_str(&match lang {
            Lang::En => format!(" ({})", notes.join(", ")),
            Lang::Zh => format!("（{}）", notes.join("，")),
        });
    }
    if let Some(description) = &variable.description {
        question.push_str(lang.pick(": ", "："));
        question.push_str(description);
    }
    question
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_names_the_requested_value() {
        let mut variable = DeclaredVariable {
            name: "image".to_owned(),
            description: Some("what the web tier runs".to_owned()),
            ty: Some("string".to_owned()),
            sensitive: false,
            has_default: false,
        };
        assert_eq!(
            question(&variable, Lang::En),
            "\nimage (string): what the web tier runs"
        );
        let chinese = question(&variable, Lang::Zh);
        assert_eq!(chinese, "\nimage（string）：what the web tier runs");
        variable.sensitive = true;
        variable.description = None;
        assert_eq!(question(&variable, Lang::En), "\nimage (string, not shown)");
        variable.sensitive = false;
        variable.ty = None;
        assert_eq!(question(&variable, Lang::En), "\nimage");
    }
}
