//! useradd, adduser, groupadd, addgroup: lines of `/etc/passwd` and `/etc/group`.

use crate::lists::Collect;
use std::sync::Arc;

use super::options::Options;
use super::taken::{Database, refuse_taken};
use super::{Call, Runner};
use crate::shell::Status;
use crate::tree::{Content, Entry, Node};
use crate::word::UNKNOWN;

/// Options of useradd, of Debian's adduser and of busybox's that take a value.
const LONG: &[&str] = &[
    "badname",
    "base-dir",
    "comment",
    "conf",
    "expiredate",
    "firstgid",
    "firstuid",
    "gecos",
    "gid",
    "group-add",
    "groups",
    "home",
    "home-dir",
    "inactive",
    "ingroup",
    "key",
    "lastgid",
    "lastuid",
    "login",
    "new-name",
    "password",
    "prefix",
    "root",
    "selinux-user",
    "shell",
    "skel",
    "uid",
];

pub(super) fn add_user(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Status {
    let is_busybox = call.name == "adduser" && has_busybox(runner);
    // busybox: -h HOME -g GECOS -s SHELL -G GROUP -S -D -H -u UID; Debian's adduser takes long options only.
    let short = match (call.name.as_str(), is_busybox) {
        ("useradd", _) => "bcdefgGkKpRsuZ",
        (_, true) => "hgsGuk",
        _ => "u",
    };
    let arguments = doubled(call, is_busybox);
    let options = Options::read(&arguments, short, LONG);
    let Some(name) = options.operands.first().filter(|name| !name.contains(UNKNOWN)) else {
        runner.open_users(call);
        return Status::Unknown;
    };
    // `adduser USER GROUP` adds a user to a group.
    if call.name == "adduser" && options.operands.len() > 1 {
        return Status::Unknown;
    }
    let system = options.has(&["r", "system", "S"]);
    let is_lenient = system && call.name == "adduser" && !is_busybox || options.has(&["o", "non-unique"]);
    if !is_lenient {
        let id = options.value(&["u", "uid"]);
        refuse_taken(runner, call, &Database { file: "/etc/passwd", kind: "user", id: "uid", is_busybox }, name, id);
    }
    let uid = options.value(&["u", "uid"]).and_then(|uid| uid.parse().ok());
    let uid = uid.unwrap_or_else(|| next_id(runner, "/etc/passwd", system, is_busybox));
    let home = match is_busybox {
        true => options.value(&["h", "home"]),
        false => options.value(&["d", "home-dir", "home"]),
    };
    let home = home.map_or_else(|| format!("/home/{name}"), str::to_owned);
    let shell = options.value(&["s", "shell"]).unwrap_or("/bin/sh");
    add_line(runner, call, "/etc/passwd", name, &format!("{name}:x:{uid}:{uid}::{home}:{shell}\n"));
    add_line(runner, call, "/etc/group", name, &format!("{name}:x:{uid}:\n"));
    let makes_home = match call.name.as_str() {
        "useradd" => options.has(&["m", "create-home"]),
        _ if is_busybox => !options.has(&["H", "no-create-home"]),
        _ => !options.has(&["no-create-home"]) && (!system || options.has(&["home"])),
    };
    if makes_home && home.starts_with('/') && runner.found(&home).is_none() {
        let owner = Some(Arc::from(*name));
        runner.put(&home, Entry { node: Node::Directory, mode: None, owner, from: call.read() }, call.command);
    }
    Status::Unknown
}

/// usermod and groupmod: new numbers; a new name (`-l`, `-n`) leaves open who there is.
pub(super) fn change(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Status {
    let is_group = call.name == "groupmod";
    let short = if is_group { "gnpRPU" } else { "cdefgGlLpRPsuvVwWZ" };
    let options = Options::read(&call.arguments, short, LONG);
    let renames: &[&str] = if is_group { &["n", "new-name"] } else { &["l", "login"] };
    let number: &[&str] = if is_group { &["g", "gid"] } else { &["u", "uid"] };
    let number = options.value(number);
    if options.has(renames) || number.is_some_and(|number| number.contains(UNKNOWN)) {
        runner.open_users(call);
    } else if let (Some(number), [name]) = (number, &options.operands[..]) {
        renumber(runner, call, if is_group { "/etc/group" } else { "/etc/passwd" }, name, number);
    }
    Status::Unknown
}

fn renumber(runner: &mut Runner<'_, '_>, call: &Call<'_>, file: &str, name: &str, number: &str) {
    let Some(before) = runner.bytes(file) else { return };
    let line = |line: &str| {
        let mut fields: Vec<&str> = line.split(':').collect_vec();
        if let [own, _, id, ..] = &mut fields[..]
            && *own == name
        {
            *id = number;
        }
        fields.join(":")
    };
    let text: String = String::from_utf8_lossy(&before).split_inclusive('\n').map(line).collect();
    runner.write(file, Content::Bytes(Arc::from(text.into_bytes())), Some(0o644), call.command);
}

/// Takes the lines away: userdel and BusyBox's deluser take a user's own group along.
pub(super) fn delete(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Status {
    let options = Options::read(&call.arguments, "RP", LONG);
    // `deluser USER GROUP` takes a user out of a group.
    let [name] = options.operands[..] else { return Status::Unknown };
    if name.contains(UNKNOWN) {
        runner.open_users(call);
        return Status::Unknown;
    }
    let of_groups = matches!(call.name.as_str(), "groupdel" | "delgroup");
    let files = if of_groups { &["/etc/group"][..] } else { &["/etc/passwd", "/etc/group"] };
    for file in files {
        let Some(before) = runner.bytes(file) else { continue };
        let text = String::from_utf8_lossy(&before);
        let others = text.split_inclusive('\n').filter(|line| line.split(':').next() != Some(name));
        let rest: String = others.collect();
        runner.write(file, Content::Bytes(Arc::from(rest.into_bytes())), Some(0o644), call.command);
    }
    Status::Unknown
}

pub(super) fn add_group(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Status {
    let short = if call.name == "addgroup" { "g" } else { "gKpRP" };
    let is_busybox = has_busybox(runner);
    let arguments = doubled(call, is_busybox);
    let options = Options::read(&arguments, short, LONG);
    let Some(name) = options.operands.first().filter(|name| !name.contains(UNKNOWN)) else { return Status::Unknown };
    // `addgroup USER GROUP` adds a user to a group.
    if call.name == "addgroup" && options.operands.len() > 1 {
        return Status::Unknown;
    }
    let system = options.has(&["r", "system", "S"]);
    let is_forced = options.has(&["f", "force", "o", "non-unique"]);
    if !(is_forced || system && call.name == "addgroup" && !is_busybox) {
        let id = options.value(&["g", "gid"]);
        refuse_taken(runner, call, &Database { file: "/etc/group", kind: "group", id: "gid", is_busybox }, name, id);
    }
    let gid = options.value(&["g", "gid"]).and_then(|gid| gid.parse().ok());
    let gid = gid.unwrap_or_else(|| next_id(runner, "/etc/group", system, is_busybox));
    add_line(runner, call, "/etc/group", name, &format!("{name}:x:{gid}:\n"));
    Status::Unknown
}

/// The arguments with two dashes before each long option: Debian's adduser and addgroup, which are Perl's, take one as
/// well (Getopt::Long).
fn doubled(call: &Call<'_>, is_busybox: bool) -> Vec<String> {
    let is_perl = matches!(call.name.as_str(), "adduser" | "addgroup") && !is_busybox;
    let is_long = |word: &str| word.len() > 2 && word.starts_with('-') && !word.starts_with("--");
    let double = |word: &String| if is_perl && is_long(word) { format!("-{word}") } else { word.clone() };
    call.arguments.iter().map(double).collect_vec()
}

/// Whether busybox makes the users, whose options are its own.
fn has_busybox(runner: &Runner<'_, '_>) -> bool {
    matches!(runner.distribution(), Some("alpine" | "busybox" | "wolfi"))
}

/// The number that is given next: from 1000 up, for a system user from 999 down (busybox: from 100 up).
fn next_id(runner: &Runner<'_, '_>, file: &str, system: bool, busybox: bool) -> u32 {
    let text = runner.bytes(file).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let taken: Vec<u32> = text.lines().filter_map(|line| line.split(':').nth(2)?.parse().ok()).collect_vec();
    let free = |id: &u32| !taken.contains(id);
    let found = match (system, busybox) {
        (true, true) => (100..1000).find(free),
        (true, false) => (1..1000).rev().find(free),
        (false, _) => (1000..60000).find(free),
    };
    found.unwrap_or(1000)
}

fn add_line(runner: &mut Runner<'_, '_>, call: &Call<'_>, file: &str, name: &str, line: &str) {
    let before = match runner.bytes(file) {
        Some(bytes) => bytes.to_vec(),
        None if runner.is_missing(file) => Vec::new(),
        // What else the file holds is not known, and stays so.
        None => return runner.open_users(call),
    };
    let text = String::from_utf8_lossy(&before).into_owned();
    if text.lines().any(|known| known.split(':').next() == Some(name)) {
        return;
    }
    let content = Content::Bytes(Arc::from((text + line).into_bytes()));
    runner.write(file, content, Some(0o644), call.command);
}
