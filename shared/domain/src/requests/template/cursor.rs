//! A place in a JSON text, and the tokens that are read from there. It only moves forward.

/// What is wrong, and at which byte.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) problem: String,
}

impl Fault {
    pub(super) fn new(at: usize, problem: impl Into<String>) -> Self {
        let problem = problem.into();
        Self { at, problem }
    }
}

#[derive(Debug)]
pub(super) struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// What was passed since the cursor stood there.
    pub(super) fn since(&self, start: usize) -> &'t str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    pub(super) fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Steps over this text, if it is what comes next.
    pub(super) fn eat(&mut self, text: &str) -> bool {
        let there = self.rest().starts_with(text);
        if there {
            self.at += text.len();
        }
        there
    }

    /// The string whose opening quote comes next, without its quotes and with its escapes.
    pub(super) fn string(&mut self) -> Result<&'t str, Fault> {
        let open = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    let wrong = || Fault::new(self.at, "this is no escape that JSON knows");
                    self.at += escape_length(self.rest()).ok_or_else(wrong)?;
                }
                Some(..b' ') => {
                    return Err(Fault::new(
                        self.at,
                        "a control character in a string must be escaped",
                    ));
                }
                Some(_) => self.at += 1,
                None => return Err(Fault::new(open, "this string is never closed")),
            }
        }
        let body = self.since(open + 1);
        self.at += 1;
        Ok(body)
    }

    /// The number that starts here, as it is written.
    pub(super) fn number(&mut self) -> Result<&'t str, Fault> {
        let start = self.at;
        self.eat("-");
        if !self.eat("0") {
            self.digits()?;
        }
        if self.eat(".") {
            self.digits()?;
        }
        if self.eat("e") || self.eat("E") {
            let _sign = self.eat("+") || self.eat("-");
            self.digits()?;
        }
        Ok(self.since(start))
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start {
            return Err(self.unexpected("a digit"));
        }
        Ok(())
    }

    /// The next token of JSON that is known to be valid: a string with its quotes, a number, a
    /// word, or one of `{}[],:`.
    pub(super) fn token(&mut self) -> Option<&'t str> {
        self.skip_blanks();
        let start = self.at;
        match self.peek()? {
            b'"' => {
                self.string().ok()?;
            }
            b'{' | b'}' | b'[' | b']' | b',' | b':' => self.at += 1,
            _ => {
                while self.peek().is_some_and(|byte| !ends_word(byte)) {
                    self.at += 1;
                }
            }
        }
        Some(self.since(start))
    }

    /// Steps over the value that comes next, in JSON that is known to be valid. None if there is no
    /// value.
    pub(super) fn skip_value(&mut self) -> Option<()> {
        self.skip_blanks();
        if !matches!(self.peek()?, b'{' | b'[') {
            return self.token().map(drop);
        }
        let (mut open, mut in_string, mut escaped) = (0usize, false, false);
        for byte in self.rest().bytes() {
            self.at += 1;
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = !in_string,
                _ if in_string => {}
                b'{' | b'[' => open += 1,
                b'}' | b']' => open = open.checked_sub(1)?,
                _ => {}
            }
            if open == 0 {
                return Some(());
            }
        }
        None
    }

    /// The complaint that something else was expected here.
    pub(super) fn unexpected(&self, expected: &str) -> Fault {
        let found = match self.rest().chars().next() {
            Some(character) => format!("{character:?}"),
            None => "the end of the template".to_owned(),
        };
        Fault::new(self.at, format!("expected {expected}, found {found}"))
    }
}

/// Length of the escape that the text starts with.
pub(super) fn escape_length(text: &str) -> Option<usize> {
    match text.as_bytes() {
        [b'\\', b'u', digits @ ..] => digits
            .get(..4)
            .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            .then_some(6),
        [
            b'\\',
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't',
            ..,
        ] => Some(2),
        _ => None,
    }
}

fn ends_word(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'{' | b'}' | b'[' | b']' | b',' | b':'
    )
}
