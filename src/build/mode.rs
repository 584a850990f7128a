//! Permission bits as `chmod` changes them.

/// The bits after `chmod`; `None` where they are not known afterwards.
pub(super) fn change(before: Option<u32>, written: &str, is_directory: bool) -> Option<u32> {
    if !written.is_empty() && written.bytes().all(|b| b.is_ascii_digit()) {
        return u32::from_str_radix(written, 8).ok().map(|mode| mode & 0o7777);
    }
    // Nothing known before: an execute bit that is added for all is there all the same.
    let mut mode = before;
    let mut sure = 0o666;
    for clause in written.split(',') {
        let who_length = clause.bytes().take_while(|b| b"ugoa".contains(b)).count();
        let (who, mut rest) = clause.split_at(who_length);
        let everyone = who.is_empty() || who.contains('a');
        let mut mask = 0;
        for (letter, bits) in [('u', 0o700), ('g', 0o070), ('o', 0o007)] {
            if everyone || who.contains(letter) {
                mask |= bits;
            }
        }
        while let Some(operator) = rest.chars().next() {
            rest = &rest[operator.len_utf8()..];
            if !matches!(operator, '+' | '-' | '=') {
                return None;
            }
            let length = rest.bytes().take_while(|b| !b"+-=".contains(b)).count();
            let (permissions, next) = rest.split_at(length);
            rest = next;
            let mut bits = 0;
            for permission in permissions.chars() {
                bits |= match permission {
                    'r' => 0o444,
                    'w' => 0o222,
                    'x' => 0o111,
                    'X' if is_directory || mode.is_some_and(|mode| mode & 0o111 != 0) => 0o111,
                    'X' | 's' | 't' => 0,
                    _ => return None,
                };
            }
            let apply = |mode: u32| match operator {
                '+' => mode | bits & mask,
                '-' => mode & !(bits & mask),
                _ => mode & !mask | bits & mask,
            };
            mode = mode.map(apply);
            sure = apply(sure);
        }
    }
    // A file of unknown mode is at least readable by all who build images, once an execute bit was added.
    mode.or_else(|| (sure & 0o111 != 0).then_some(sure | 0o200))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_change_as_chmod_changes_them() {
        for (before, written, after) in [
            (Some(0o644), "+x", Some(0o755)),
            (Some(0o644), "755", Some(0o755)),
            (Some(0o644), "u+x", Some(0o744)),
            (Some(0o755), "a-x", Some(0o644)),
            (Some(0o644), "u=rwx,go=rx", Some(0o755)),
            (Some(0o755), "-R", None),
            (None, "+x", Some(0o777)),
            (None, "u+r", None),
            (None, "0700", Some(0o700)),
        ] {
            assert_eq!(change(before, written, false), after, "{written}");
        }
        assert_eq!(change(Some(0o644), "a+X", true), Some(0o755));
    }
}
