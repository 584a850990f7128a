//! Options and operands of a command line, as getopt reads them.

/// A command line taken apart.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Options<'a> {
    /// (`p` or `parents`, the value if it takes one), in order.
    pub(super) options: Vec<(String, Option<&'a str>)>,
    pub(super) operands: Vec<&'a str>,
}

impl<'a> Options<'a> {
    /// `short` lists the letters, `long` the names, that take a value.
    pub(super) fn read(arguments: &'a [String], short: &str, long: &[&str]) -> Self {
        let mut read = Self::default();
        let mut rest = arguments.iter().map(String::as_str);
        while let Some(word) = rest.next() {
            if word == "--" {
                read.operands.extend(rest.by_ref());
            } else if let Some(name) = word.strip_prefix("--") {
                match name.split_once('=') {
                    Some((name, value)) => read.options.push((name.to_owned(), Some(value))),
                    None if long.contains(&name) => read.options.push((name.to_owned(), rest.next())),
                    None => read.options.push((name.to_owned(), None)),
                }
            } else if word.len() > 1 && word.starts_with('-') {
                for (at, letter) in word[1..].char_indices() {
                    if short.contains(letter) {
                        let attached = &word[1 + at + letter.len_utf8()..];
                        let value = if attached.is_empty() { rest.next() } else { Some(attached) };
                        read.options.push((letter.to_string(), value));
                        break;
                    }
                    read.options.push((letter.to_string(), None));
                }
            } else {
                read.operands.push(word);
            }
        }
        read
    }

    pub(super) fn has(&self, names: &[&str]) -> bool {
        self.options.iter().any(|(name, _)| names.contains(&name.as_str()))
    }

    /// The value of the last of these options.
    pub(super) fn value(&self, names: &[&str]) -> Option<&'a str> {
        self.options.iter().rev().find(|(name, _)| names.contains(&name.as_str())).and_then(|(_, value)| *value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_told_from_operands() {
        let words: Vec<String> =
            ["-Dm755", "--target-directory=/x", "a", "--mode", "7", "--", "-b"].map(String::from).into();
        let read = Options::read(&words, "mto", &["mode"]);
        assert_eq!(read.operands, ["a", "-b"]);
        assert_eq!(read.value(&["m"]), Some("755"));
        assert_eq!(read.value(&["m", "mode"]), Some("7"));
        assert_eq!(read.value(&["t", "target-directory"]), Some("/x"));
        assert!(read.has(&["D"]) && !read.has(&["d"]));
    }
}
