//! Programs that execute their arguments.

/// What a wrapper executes: how many of the words before it are the wrapper's own; `None` when it is no wrapper, or
/// executes nothing.
pub(super) fn wrapped(name: &str, arguments: &[String]) -> Option<usize> {
    let (valued, operands) = options(name)?;
    let mut at = 0;
    while let Some(word) = arguments.get(at) {
        if word == "--" {
            at += 1;
            break;
        }
        if name == "env" && is_assignment(word) {
            at += 1;
            continue;
        }
        if word.len() < 2 || !word.starts_with('-') {
            break;
        }
        // An option's value is the next word, unless it is attached.
        let takes_next = valued.contains(&word.as_str());
        at += if takes_next { 2 } else { 1 };
    }
    at += operands;
    (at < arguments.len()).then_some(at)
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=')
        .is_some_and(|(name, _)| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}

/// The options that take a value in the next word, and how many operands come before the program.
fn options(name: &str) -> Option<(&'static [&'static str], usize)> {
    Some(match name {
        "tini" | "tini-static" | "docker-init" | "catatonit" => (&["-p", "-e"], 0),
        "dumb-init" => (&["-r", "--rewrite"], 0),
        "gosu" | "su-exec" => (&[], 1),
        "env" => (&["-u", "--unset", "-C", "--chdir"], 0),
        "nice" => (&["-n"], 0),
        "ionice" => (&["-c", "-n", "-p"], 0),
        "nohup" | "setsid" | "exec" | "command" | "time" | "unbuffer" | "chpst_" => (&[], 0),
        "stdbuf" => (&["-i", "-o", "-e"], 0),
        "setpriv" => (
            &[
                "--reuid",
                "--regid",
                "--groups",
                "--inh-caps",
                "--ambient-caps",
                "--bounding-set",
                "--securebits",
                "--pdeathsig",
            ],
            0,
        ),
        "chroot" => (&[], 1),
        "timeout" => (&["-s", "--signal", "-k", "--kill-after"], 1),
        "sudo" => (&["-u", "-g", "-h", "-p"], 0),
        "chrt" => (&[], 1),
        "taskset" => (&[], 1),
        "numactl" | "capsh_" => (&[], 0),
        "s6-setuidgid" => (&[], 1),
        "with-contenv" => (&[], 0),
        "xvfb-run" => (&["-n", "-s", "-e", "-f", "-p", "-w", "--server-num", "--server-args"], 0),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrappers_end_where_their_program_begins() {
        for (words, expected) in [
            (&["tini", "--", "/app", "-x"][..], Some("/app")),
            (&["tini", "-g", "-e", "143", "/app"], Some("/app")),
            (&["gosu", "app:app", "/app"], Some("/app")),
            (&["env", "A=1", "-u", "B", "bash"], Some("bash")),
            (&["nice", "-n", "5", "app"], Some("app")),
            (&["timeout", "-k", "5", "10", "app"], Some("app")),
            (&["tini"], None),
            (&["app", "x"], None),
        ] {
            let arguments: Vec<String> = words[1..].iter().map(|word| (*word).to_owned()).collect();
            let found = wrapped(words[0], &arguments).map(|at| arguments[at].as_str());
            assert_eq!(found, expected, "{words:?}");
        }
    }
}
