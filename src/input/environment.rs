//! `environment = ["API_HOST"]`: variables of the environment in texts, where they are declared.
//!
//! `${API_HOST}` in any text is replaced by the variable's value, `$${` stands for `${`. What stands
//! in files and results is what was written, so a value is in none of them.

use super::Input;
use super::problem::{Problem, Span, did_you_mean};
use super::table::listed;
use super::value::{Data, Value};

/// The field that declares variables.
pub(super) const ENVIRONMENT: &str = "environment";

/// The value of a variable, if it is set.
pub type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Input {
    /// Replaces the declared variables in all texts. What is not declared, or not set, is a
    /// problem at its place.
    pub fn replace_variables(&mut self, variables: Variables<'_>) {
        let Data::Table(entries) = &mut self.root.data else { return };
        let position = entries.iter().position(|entry| entry.key.value == ENVIRONMENT);
        let declaration = position.map(|position| entries.remove(position).value);
        let mut found = Replacing { declared: Vec::new(), problems: Vec::new() };
        if let Some(declaration) = declaration {
            found.declare(&declaration, variables);
        }
        found.walk(&mut self.root);
        let problems = found.problems;
        self.take(problems);
    }
}

/// A variable that a file declares.
struct Declared {
    name: String,
    /// None if it is not set, which is reported where it is declared.
    value: Option<String>,
}

struct Replacing {
    declared: Vec<Declared>,
    problems: Vec<Problem>,
}

impl Replacing {
    fn declare(&mut self, declaration: &Value, variables: Variables<'_>) {
        let form = "write environment = [\"API_HOST\"]";
        let Data::Array(items) = &declaration.data else {
            let message =
                format!("`environment` must be an array, not {}", declaration.data.kind());
            return self.problem(declaration.span, message, form.to_owned());
        };
        for item in items {
            let Data::String(name) = &item.data else {
                let message = format!("`environment` must be a string, not {}", item.data.kind());
                self.problem(item.span, message, form.to_owned());
                continue;
            };
            if !is_name(name) {
                let message = format!("`{name}` cannot be a variable's name");
                self.problem(item.span, message, form.to_owned());
                continue;
            }
            let value = variables(name);
            if value.is_none() {
                let message = format!("the variable `{name}` is not set");
                let help = format!("set it before the command: {name}=… claque …");
                self.problem(item.span, message, help);
            }
            self.declared.push(Declared { name: name.clone(), value });
        }
    }

    /// Replaces in every text of a tree; how deep it is was limited when it was parsed.
    fn walk(&mut self, value: &mut Value) {
        match &mut value.data {
            Data::String(text) if text.contains("${") => *text = self.replaced(text, value.span),
            Data::Array(items) => items.iter_mut().for_each(|item| self.walk(item)),
            Data::Table(entries) => {
                for entry in entries {
                    self.walk(&mut entry.value);
                }
            }
            _ => {}
        }
    }

    /// A text with its variables replaced; `span` is where it stands.
    fn replaced(&mut self, text: &str, span: Span) -> String {
        let mut whole = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            let (before, from) = rest.split_at(at);
            if let Some(before) = before.strip_suffix('$') {
                whole.push_str(before);
                whole.push_str("${");
                rest = &from[2..];
                continue;
            }
            whole.push_str(before);
            let Some(length) = from.find('}') else {
                let message = "`${` has no `}`".to_owned();
                self.problem(span, message, "write ${NAME}, or $${ for ${".to_owned());
                return whole;
            };
            whole.push_str(&self.value(&from[2..length], span));
            rest = &from[length + 1..];
        }
        whole + rest
    }

    /// The value of a variable; of one that has none, its name.
    fn value(&mut self, name: &str, span: Span) -> String {
        if let Some(declared) = self.declared.iter().find(|declared| declared.name == name) {
            return declared.value.clone().unwrap_or_else(|| name.to_owned());
        }
        let names: Vec<&str> = self.declared.iter().map(|one| one.name.as_str()).collect();
        let help = match did_you_mean(name, names.iter().copied()) {
            Some(near) => format!("did you mean `${{{near}}}`?"),
            None if !is_name(name) => "write ${NAME}, or $${ for ${".to_owned(),
            None if names.is_empty() => {
                format!("write environment = [\"{name}\"] at the top, or $${{ for ${{")
            }
            None => format!("add it to `environment`; declared are {}", listed(&names)),
        };
        self.problem(span, format!("`${{{name}}}` is not declared"), help);
        name.to_owned()
    }

    fn problem(&mut self, span: Span, message: String, help: String) {
        self.problems.push(Problem { span: Some(span), message, help: Some(help), warning: false });
    }
}

fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
