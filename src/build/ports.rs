//! EXPOSE's ports and STOPSIGNAL's signals.

use crate::lists::Collect;
/// Reads one port specification as docker/go-connections does: `8080`, `53/udp`, `3000-3003`, `127.0.0.1:6000:6001`.
pub(super) fn exposed(written: &str) -> Result<Vec<String>, String> {
    let (ports, protocol) = match written.split_once('/') {
        Some((ports, protocol)) if !protocol.is_empty() => (ports, protocol.to_ascii_lowercase()),
        Some((ports, _)) => (ports, "tcp".to_owned()),
        None => (written, "tcp".to_owned()),
    };
    let (host, container) = match ports.rsplit_once(':') {
        Some((host, container)) => (host.rsplit(':').next().unwrap_or_default(), container),
        None => ("", ports),
    };
    if container.is_empty() {
        return Err(format!("no port specified: {written}<empty>"));
    }
    let Some((first, last)) = range(container) else { return Err(format!("invalid containerPort: {container}")) };
    if !host.is_empty() {
        let Some(host) = range(host) else { return Err(format!("invalid hostPort: {host}")) };
        if last - first != host.1 - host.0 && first != last {
            return Err(format!("invalid ranges specified for container and host Ports: {container} and {}", host.0));
        }
    }
    if !matches!(protocol.as_str(), "tcp" | "udp" | "sctp") {
        return Err(format!("invalid port: \"{written}\": invalid proto: {protocol}"));
    }
    Ok((first..=last).map(|port| format!("{port}/{protocol}")).collect_vec())
}

fn range(text: &str) -> Option<(u16, u16)> {
    match text.split_once('-') {
        None => text.parse().ok().map(|port| (port, port)),
        Some((first, last)) => {
            let (first, last) = (first.parse().ok()?, last.parse().ok()?);
            (first <= last).then_some((first, last))
        }
    }
}

/// Whether Linux (or Windows, which knows fewer) has this signal, by number or by name with or without `SIG`.
pub(super) fn is_signal(written: &str) -> bool {
    const NAMES: &str = " ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP \
        SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX ";
    if let Ok(number) = written.parse::<i32>() {
        return number > 0;
    }
    let name = written.to_ascii_uppercase();
    let name = name.strip_prefix("SIG").unwrap_or(&name);
    let real_time = |from: &str, limit: u8| {
        name.strip_prefix(from)
            .and_then(|rest| rest.parse::<u8>().ok())
            .is_some_and(|number| (1..=limit).contains(&number))
    };
    !name.is_empty() && NAMES.contains(&format!(" {name} ")) || real_time("RTMIN+", 15) || real_time("RTMAX-", 14)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_have_numbers_and_names() {
        for signal in ["9", "SIGTERM", "term", "SIGRTMIN+3"] {
            assert!(is_signal(signal), "{signal}");
        }
        for wrong in ["", "0", "-1", "SIGNOPE", "SIG", "RTMIN+99"] {
            assert!(!is_signal(wrong), "{wrong}");
        }
    }
}
