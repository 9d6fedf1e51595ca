//! The words of an objective, each with its place, and what is wrong with one.

/// A word, a comparison or a bracket, with its bytes in the objective.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'t> {
    pub(super) text: &'t str,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// What is wrong, where in the objective, and what would be right.
pub(super) struct Fault {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) message: String,
    pub(super) help: String,
}

impl Token<'_> {
    pub(super) fn fault<T>(self, message: String, help: impl Into<String>) -> Result<T, Fault> {
        Err(Fault { from: self.from, to: self.to, message, help: help.into() })
    }

    /// With `-` as `_`, so that both may be written.
    pub(super) fn word(self) -> String {
        self.text.replace('-', "_")
    }
}

/// Takes a text apart.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let class = |c: char| match c {
        c if c.is_whitespace() => 0,
        '<' | '>' | '=' | '≤' | '≥' => 1,
        '(' | ')' | ',' => 2,
        _ => 3,
    };
    let mut from = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let to = at + c.len_utf8();
        let joined = chars.peek().is_some_and(|&(_, next)| class(next) == class(c));
        if joined && class(c) != 2 {
            continue;
        }
        if class(c) != 0 {
            tokens.push(Token { text: &text[from..to], from, to });
        }
        from = to;
    }
    tokens
}

/// The tokens yet to be read.
pub(super) struct Words<'t> {
    tokens: &'t [Token<'t>],
    next: usize,
    /// Length of the text.
    end: usize,
}

impl<'t> Words<'t> {
    pub(super) fn new(tokens: &'t [Token<'t>], text: &str) -> Words<'t> {
        Words { tokens, next: 0, end: text.len() }
    }

    pub(super) fn peek(&self) -> Option<Token<'t>> {
        self.tokens.get(self.next).copied()
    }

    pub(super) fn take(&mut self) -> Option<Token<'t>> {
        let token = self.peek();
        self.next += usize::from(token.is_some());
        token
    }

    pub(super) fn take_if(&mut self, text: &str) -> bool {
        let found = self.peek().is_some_and(|token| token.text == text);
        self.next += usize::from(found);
        found
    }

    /// Where the last token that was taken ends.
    pub(super) fn taken_to(&self) -> usize {
        self.next.checked_sub(1).map_or(0, |last| self.tokens[last].to)
    }

    /// The next token, or a fault at the end of the text.
    pub(super) fn want(&mut self, what: &str, help: &str) -> Result<Token<'t>, Fault> {
        self.take().ok_or_else(|| Fault {
            from: self.end,
            to: self.end,
            message: format!("the objective ends where {what} should stand"),
            help: help.to_owned(),
        })
    }
}
