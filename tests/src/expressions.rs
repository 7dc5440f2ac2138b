//! Any text as an expression, and as a template in a manifest: it takes no more time and memory
//! than it may, nothing panics, and no secret is disclosed, neither in the value nor in an error.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use eci_config::{Configuration, Console, EmptyScope, ValueSource, Variables};
use eci_core::Diagnostics;
use eci_lang::functions;
use tempfile::TempDir;

use crate::REGION;
use crate::roundtrip::Draws;
use crate::roundtrip::check::discloses;

/// The text of the sensitive variable.
const SECRET: &str = "zq0secret0qz";

/// The longest time of one evaluation. The budget of its configuration ends it after some seconds
/// without optimization.
const LONGEST: Duration = Duration::from_secs(20);

/// The largest length of a value as text: it holds 16 MiB, and an escape takes six bytes for one.
const LARGEST: usize = 100 << 20;

/// The manifest that expressions can refer to.
const MANIFEST: &str = r#"
[variable.word]
type = "string"
default = "word"

[variable.number]
type = "number"
default = 3

[variable.list]
type = "list(string)"
default = ["a", "b", "c"]

[variable.secret]
type = "string"
sensitive = true

[variable.object]
type = "any"
default = { a = 1, b = [1, 2], c = { d = "e" } }

[locals]
hidden = { word = '${var.secret}', plain = "p" }
again = '${[for word in var.list : "${word}-${var.secret}"]}'

[container_group.web]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "az1"
containers = [{ name = "main", image = "app:1", env = { WORD = '${var.secret}' } }]
"#;

/// A violated guarantee.
#[derive(Debug, thiserror::Error)]
pub enum ExpressionViolation {
    /// The evaluation took too long.
    #[error("{text:?} took {took:?}")]
    Slow {
        /// The expression.
        text: String,
        /// The time that it took.
        took: Duration,
    },
    /// Its value is too large.
    #[error("{text:?} has a value of {length} bytes as text")]
    Large {
        /// The expression.
        text: String,
        /// The length of the value.
        length: usize,
    },
    /// A secret was disclosed.
    #[error("{text:?} discloses the secret: {output}")]
    Disclosed {
        /// The expression.
        text: String,
        /// The output that discloses it.
        output: String,
    },
}

/// A small configuration to evaluate expressions against.
#[derive(Debug)]
pub struct Bench {
    directory: TempDir,
    variables: Variables,
    configuration: Configuration,
}

impl Bench {
    /// Creates the configuration in a separate directory.
    ///
    /// # Panics
    ///
    /// If it cannot be written or is not valid.
    pub fn new() -> Bench {
        let directory = TempDir::with_prefix("eci-expressions-").unwrap();
        let mut variables = Variables::default();
        variables.set("secret", SECRET, ValueSource::Environment);
        std::fs::write(directory.path().join("a.txt"), "text").unwrap();
        let bench = Bench {
            configuration: loaded(&directory, &variables, "").unwrap(),
            directory,
            variables,
        };
        // What the checks look for is there to be found.
        let secret = bench.value("var.secret").unwrap();
        assert!(!discloses(secret.as_bytes(), SECRET), "{secret}");
        bench
    }

    /// Evaluates a text as an expression, and as a template in an output and in a resource.
    ///
    /// # Errors
    ///
    /// A violated guarantee.
    pub fn check(&self, text: &str) -> Result<(), ExpressionViolation> {
        // An expression that contains the secret or removes its mark may disclose it.
        if text.contains("zq") || text.contains("nonsensitive") {
            return Ok(());
        }
        let timed = |evaluate: &dyn Fn() -> String| {
            let began = Instant::now();
            let output = evaluate();
            let took = began.elapsed();
            if took > LONGEST {
                let text = text.to_owned();
                return Err(ExpressionViolation::Slow { text, took });
            }
            checked(text, output)
        };
        timed(&|| self.value(text).unwrap_or_else(|problems| problems))?;
        timed(&|| self.template(text))
    }

    /// Returns the value of an expression as it is shown, or what is wrong with it.
    fn value(&self, text: &str) -> Result<String, String> {
        let value = Console::new(&self.configuration).evaluate(text, &EmptyScope);
        value
            .map(|value| format!("{value:?}"))
            .map_err(|problems| report_of(&problems))
    }

    /// Returns all output about a manifest that holds it as a template.
    fn template(&self, text: &str) -> String {
        let mut quoted = String::new();
        for character in text.chars() {
            // As JSON escapes, TOML does.
            match character {
                '"' | '\\' => quoted.extend(['\\', character]),
                it if u32::from(it) < 0x20 || u32::from(it) == 0x7f => {
                    let _ = write!(quoted, "\\u{:04x}", u32::from(it));
                }
                it => quoted.push(it),
            }
        }
        let more = format!(
            "[output.shown]\nvalue = \"${{{quoted}}}\"\n[output.text]\nvalue = \"{quoted}\"\n\
             [container_group.other]\nvpc_id = \"vpc-1\"\nvswitch_id = \"subnet-1\"\n\
             security_group_id = \"sg-1\"\naz_name = \"az1\"\n\
             tags = {{ text = \"{quoted}\" }}\n\
             containers = [{{ name = \"main\", image = \"app:1\", \
             env = {{ TEXT = \"${{{quoted}}}\" }} }}]\n"
        );
        let configuration = match loaded(&self.directory, &self.variables, &more) {
            Ok(configuration) => configuration,
            Err(problems) => return report_of(&problems),
        };
        let mut all = report_of(&configuration.warnings);
        for output in &configuration.outputs {
            match output.evaluate(&EmptyScope) {
                Ok(value) => all.push_str(&format!("{value:?}\n")),
                Err(problems) => all.push_str(&report_of(&problems)),
            }
        }
        for resource in &configuration.resources {
            match resource.evaluate(&EmptyScope) {
                Ok(attributes) => all.push_str(&format!("{attributes:?}\n")),
                Err(problems) => all.push_str(&report_of(&problems)),
            }
        }
        all
    }
}

impl Default for Bench {
    fn default() -> Bench {
        Bench::new()
    }
}

fn loaded(
    directory: &TempDir,
    variables: &Variables,
    more: &str,
) -> Result<Configuration, Diagnostics> {
    let manifest = format!("[provider]\nregion_id = \"{REGION}\"\n{MANIFEST}\n{more}");
    std::fs::write(directory.path().join("main.eci.toml"), manifest).unwrap();
    eci_config::load(directory.path(), variables)
}

fn report_of(problems: &Diagnostics) -> String {
    format!("{problems}\n{problems:?}\n")
}

fn checked(text: &str, output: String) -> Result<(), ExpressionViolation> {
    let text = text.to_owned();
    if output.len() > LARGEST {
        let length = output.len();
        return Err(ExpressionViolation::Large { text, length });
    }
    // However it was changed on the way: a function may have put it into other letters.
    if discloses(output.to_lowercase().as_bytes(), SECRET) || discloses(output.as_bytes(), SECRET) {
        return Err(ExpressionViolation::Disclosed { text, output });
    }
    Ok(())
}

/// Writes a random expression.
pub fn written(draws: &mut Draws) -> String {
    let mut writer = Writer {
        draws,
        text: String::new(),
        left: 60,
    };
    writer.expression(0);
    writer.text
}

struct Writer<'a> {
    draws: &'a mut Draws,
    text: String,
    /// The number of parts that it may still have.
    left: usize,
}

impl Writer<'_> {
    fn expression(&mut self, depth: usize) {
        self.left = self.left.saturating_sub(1);
        if depth > 6 || self.left == 0 {
            return self.reference();
        }
        match self.draws.below(12) {
            0 | 1 => self.reference(),
            2 => self.literal(),
            3 | 4 => self.call(depth),
            5 => {
                const OPERATORS: [&str; 13] = [
                    "+", "-", "*", "/", "%", "==", "!=", "<", ">", "<=", ">=", "&&", "||",
                ];
                self.push("(");
                self.expression(depth + 1);
                let operator = self.draws.one(&OPERATORS);
                self.push(&format!(" {operator} "));
                self.expression(depth + 1);
                self.push(")");
            }
            6 => {
                self.push("(");
                self.expression(depth + 1);
                self.push(" ? ");
                self.expression(depth + 1);
                self.push(" : ");
                self.expression(depth + 1);
                self.push(")");
            }
            7 => self.list(depth),
            8 => self.comprehension(depth),
            9 => self.template(depth),
            10 => {
                let step = self
                    .draws
                    .one(&[".a", "[0]", ".*", "[*]", "[-1]", ".word", "[\"c\"]"]);
                self.expression(depth + 1);
                self.push(step);
            }
            _ => {
                let sign = self.draws.one(&["!", "-"]);
                self.push(sign);
                self.expression(depth + 1);
            }
        }
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn reference(&mut self) {
        const REFERENCES: [&str; 12] = [
            "var.secret",
            "var.word",
            "var.number",
            "var.list",
            "var.object",
            "local.hidden",
            "local.again",
            "container_group.web.intranet_ip",
            "container_group.web.containers",
            "container_group.web",
            "x",
            "k",
        ];
        let reference = self.draws.one(&REFERENCES);
        self.push(reference);
    }

    fn literal(&mut self) {
        const LITERALS: [&str; 12] = [
            "0",
            "1",
            "-1",
            "1e308",
            "99999999999999999999",
            "0.1",
            "true",
            "null",
            "\"\"",
            "\"%s %d %v\"",
            "\"(.*)\"",
            "\"a.txt\"",
        ];
        let literal = self.draws.one(&LITERALS);
        self.push(literal);
    }

    fn call(&mut self, depth: usize) {
        let names: Vec<&str> = functions().map(|it| it.name).collect();
        let name = self.draws.one(&names);
        self.push(name);
        self.push("(");
        for at in 0..self.draws.below(4) {
            if at > 0 {
                self.push(", ");
            }
            self.expression(depth + 1);
        }
        if self.draws.percent(5) {
            self.push("...");
        }
        self.push(")");
    }

    fn list(&mut self, depth: usize) {
        let is_object = self.draws.percent(50);
        self.push(if is_object { "{" } else { "[" });
        for at in 0..self.draws.below(4) {
            if at > 0 {
                self.push(", ");
            }
            if is_object {
                let key = self.draws.one(&["a", "word", "(var.word)", "(var.secret)"]);
                self.push(key);
                self.push(" = ");
            }
            self.expression(depth + 1);
        }
        self.push(if is_object { "}" } else { "]" });
    }

    fn comprehension(&mut self, depth: usize) {
        let is_object = self.draws.percent(40);
        self.push(if is_object { "{" } else { "[" });
        self.push("for k, x in ");
        self.expression(depth + 1);
        self.push(" : ");
        if is_object {
            let key = self.draws.one(&["k", "x", "var.secret", "\"a\""]);
            self.push(key);
            self.push(" => ");
        }
        self.expression(depth + 1);
        if is_object && self.draws.percent(30) {
            self.push("...");
        }
        if self.draws.percent(30) {
            self.push(" if ");
            self.expression(depth + 1);
        }
        self.push(if is_object { "}" } else { "]" });
    }

    fn template(&mut self, depth: usize) {
        self.push("\"a${");
        self.expression(depth + 1);
        self.push("}");
        if self.draws.percent(30) {
            self.push("%{ for x in ");
            self.expression(depth + 1);
            self.push(" }${x}%{ endfor }");
        }
        if self.draws.percent(30) {
            self.push("%{ if ");
            self.expression(depth + 1);
            self.push(" }b%{ else }c%{ endif }");
        }
        self.push("\"");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_output_in_any_case() {
        for output in ["zq0secret0qz", "ZQ0SECRET0QZ", "enEwc2VjcmV0MHF6"] {
            let violation = checked("x", output.to_owned()).unwrap_err();
            assert!(
                matches!(violation, ExpressionViolation::Disclosed { .. }),
                "{violation}"
            );
        }
        checked("x", "(sensitive)".to_owned()).unwrap();
    }

    #[test]
    fn expressions_of_all_forms_are_written() {
        let texts: Vec<String> = (0..200)
            .map(|seed| written(&mut Draws::from_seed(seed)))
            .collect();
        for part in ["var.secret", "[for k, x in", "%{ if", " ? ", "(...", "=> "] {
            let part = part.trim_end_matches("...");
            assert!(texts.iter().any(|text| text.contains(part)), "{part}");
        }
    }
}
