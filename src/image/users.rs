//! `/etc/passwd` and `/etc/group`: the users that a base knows.

use super::Distribution;
use super::bases::Layout;
use crate::lists::Collect;

/// A user database in the short form of this file: `name:uid:gid:home:shell`.
type Users = &'static str;

/// Debian 8 to 13 (`base-passwd`), with apt's user under its number since Debian 12.
const DEBIAN: Users = "root:0:0:/root:/bin/bash daemon:1:1:/usr/sbin:/usr/sbin/nologin bin:2:2:/bin:/usr/sbin/nologin \
     sys:3:3:/dev:/usr/sbin/nologin sync:4:65534:/bin:/bin/sync games:5:60:/usr/games:/usr/sbin/nologin \
     man:6:12:/var/cache/man:/usr/sbin/nologin lp:7:7:/var/spool/lpd:/usr/sbin/nologin mail:8:8:/var/mail:/usr/sbin/nologin \
     news:9:9:/var/spool/news:/usr/sbin/nologin uucp:10:10:/var/spool/uucp:/usr/sbin/nologin proxy:13:13:/bin:/usr/sbin/nologin \
     www-data:33:33:/var/www:/usr/sbin/nologin backup:34:34:/var/backups:/usr/sbin/nologin \
     list:38:38:/var/list:/usr/sbin/nologin irc:39:39:/run/ircd:/usr/sbin/nologin \
     _apt:42:65534:/nonexistent:/usr/sbin/nologin nobody:65534:65534:/nonexistent:/usr/sbin/nologin";

/// Debian's groups that are no user's own.
const DEBIAN_GROUPS: &str = "adm:4 tty:5 disk:6 dialout:20 fax:21 voice:22 cdrom:24 floppy:25 tape:26 sudo:27 audio:29 dip:30 \
     operator:37 src:40 shadow:42 utmp:43 video:44 sasl:45 plugdev:46 staff:50 games:60 users:100 man:12 nogroup:65534";

/// Alpine's `alpine-baselayout`.
const ALPINE: Users = "root:0:0:/root:/bin/sh bin:1:1:/bin:/sbin/nologin daemon:2:2:/sbin:/sbin/nologin lp:4:7:/var/spool/lpd:/sbin/nologin \
     sync:5:0:/sbin:/bin/sync shutdown:6:0:/sbin:/sbin/shutdown halt:7:0:/sbin:/sbin/halt mail:8:12:/var/mail:/sbin/nologin \
     news:9:13:/usr/lib/news:/sbin/nologin uucp:10:14:/var/spool/uucppublic:/sbin/nologin cron:16:16:/var/spool/cron:/sbin/nologin \
     ftp:21:21:/var/lib/ftp:/sbin/nologin sshd:22:22:/dev/null:/sbin/nologin games:35:35:/usr/games:/sbin/nologin \
     ntp:123:123:/var/empty:/sbin/nologin guest:405:100:/dev/null:/sbin/nologin nobody:65534:65534:/:/sbin/nologin";

const ALPINE_GROUPS: &str = "sys:3 adm:4 tty:5 disk:6 lp:7 kmem:9 wheel:10 floppy:11 mail:12 news:13 uucp:14 cron:16 audio:18 cdrom:19 \
     dialout:20 ftp:21 sshd:22 input:23 tape:26 video:27 netdev:28 kvm:34 games:35 shadow:42 www-data:82 users:100 ntp:123 \
     utmp:406 ping:999 nogroup:65533";

/// Red Hat's `setup`.
const REDHAT: Users = "root:0:0:/root:/bin/bash bin:1:1:/bin:/sbin/nologin daemon:2:2:/sbin:/sbin/nologin adm:3:4:/var/adm:/sbin/nologin \
     lp:4:7:/var/spool/lpd:/sbin/nologin sync:5:0:/sbin:/bin/sync shutdown:6:0:/sbin:/sbin/shutdown halt:7:0:/sbin:/sbin/halt \
     mail:8:12:/var/spool/mail:/sbin/nologin operator:11:0:/root:/sbin/nologin games:12:100:/usr/games:/sbin/nologin \
     ftp:14:50:/var/ftp:/sbin/nologin nobody:65534:65534:/:/sbin/nologin";

const REDHAT_GROUPS: &str = "sys:3 adm:4 tty:5 disk:6 lp:7 mem:8 kmem:9 wheel:10 cdrom:11 mail:12 man:15 dialout:18 floppy:19 games:20 tape:33 \
     video:39 ftp:50 lock:54 audio:63 users:100 utmp:22 utempter:35";

/// distroless, `common/variables.bzl`.
const DISTROLESS: Users = "root:0:0:/root:/sbin/nologin nobody:65534:65534:/nonexistent:/sbin/nologin nonroot:65532:65532:/home/nonroot:/sbin/nologin";

/// Buildroot's skeleton, which the official busybox images take.
const BUSYBOX: Users = "root:0:0:/root:/bin/sh daemon:1:1:/usr/sbin:/bin/false bin:2:2:/bin:/bin/false sys:3:3:/dev:/bin/false \
     sync:4:100:/bin:/bin/sync mail:8:8:/var/spool/mail:/bin/false www-data:33:33:/var/www:/bin/false \
     operator:37:37:/var:/bin/false nobody:65534:65534:/home:/bin/false";

/// Wolfi's images: root, the user that most of them run as, and nobody.
const WOLFI: Users = "root:0:0:/root:/bin/sh nonroot:65532:65532:/home/nonroot:/bin/sh nobody:65534:65534:/:/bin/false";

/// `/etc/passwd` and `/etc/group` of a base.
pub(super) fn of(layout: Layout, distribution: &Distribution) -> (String, String) {
    let (users, groups, extra) = match layout {
        Layout::Alpine => (ALPINE, ALPINE_GROUPS, ""),
        Layout::Debian { .. } => {
            // Ubuntu has a user of its own since 23.04.
            let own = distribution.id == "ubuntu" && super::tags::numbers(&distribution.version) >= vec![23, 4];
            (DEBIAN, DEBIAN_GROUPS, if own { "ubuntu:1000:1000:/home/ubuntu:/bin/bash" } else { "" })
        }
        Layout::RedHat { .. } | Layout::Arch => (REDHAT, REDHAT_GROUPS, ""),
        Layout::Wolfi => (WOLFI, "", ""),
        Layout::Distroless { .. } => (DISTROLESS, "tty:5 staff:50", ""),
        Layout::Busybox | Layout::BusyboxGlibc => (BUSYBOX, "adm:4 tty:5 wheel:10 users:100", ""),
    };
    let (mut passwd, mut group) = (String::new(), String::new());
    for user in users.split_ascii_whitespace().chain(extra.split_ascii_whitespace()) {
        add(&mut passwd, &mut group, user);
    }
    for entry in groups.split_ascii_whitespace() {
        if let Some((name, id)) = entry.split_once(':') {
            if !group.lines().any(|line| line.split(':').next() == Some(name)) {
                group += &format!("{name}:x:{id}:\n");
            }
        }
    }
    (passwd, group)
}

/// Adds `name:uid:gid:home:shell` and, where no group has that number, one of the same name.
pub(super) fn add(passwd: &mut String, group: &mut String, user: &str) {
    let fields: Vec<&str> = user.split(':').collect_vec();
    let [name, uid, gid, home, shell] = fields[..] else { return };
    if passwd.lines().any(|line| line.split(':').next() == Some(name)) {
        return;
    }
    *passwd += &format!("{name}:x:{uid}:{gid}:{name}:{home}:{shell}\n");
    if !group.lines().any(|line| line.split(':').nth(2) == Some(gid)) {
        *group += &format!("{name}:x:{gid}:\n");
    }
}
