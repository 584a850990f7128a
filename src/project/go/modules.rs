//! Well-known modules: whether importing them brings `net` or C code into a build.
//!
//! Taken from the modules' own import lists; only packages are listed whose answer does not hang on a build tag or on
//! the version (or where the entry says so).
//! A module that is not listed is never assumed to be free of cgo.

/// What importing a package brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// None of `net`, `os/user` and C.
    Nothing,
    /// `net` (and perhaps `os/user`).
    Net,
    /// C code.
    C(&'static CModule),
}

/// A module that is C code with a Go face.
#[derive(Debug, PartialEq, Eq)]
pub struct CModule {
    /// What its `#cgo LDFLAGS` and `pkg-config` lines ask for, without `-l`.
    pub libraries: &'static [&'static str],
    pub without_cgo: WithoutCgo,
    /// It brings a prebuilt archive for glibc, unless this tag is set.
    pub glibc_archive_unless: Option<&'static str>,
}

/// What becomes of a build with cgo off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WithoutCgo {
    /// It builds, and fails when it is used.
    Stub,
    /// It does not build.
    BuildFails,
}

const fn own(without_cgo: WithoutCgo, libraries: &'static [&'static str]) -> CModule {
    CModule { libraries, without_cgo, glibc_archive_unless: None }
}

static SQLITE: CModule = own(WithoutCgo::Stub, &["m", "dl", "pthread"]);
static KAFKA: CModule = CModule {
    libraries: &["m", "dl", "pthread", "rt"],
    without_cgo: WithoutCgo::BuildFails,
    glibc_archive_unless: Some("musl"),
};
static OWN: CModule = own(WithoutCgo::BuildFails, &[]);
static CXX: CModule = own(WithoutCgo::BuildFails, &["stdc++", "m", "dl"]);
static ROCKSDB: CModule = own(WithoutCgo::BuildFails, &["rocksdb", "stdc++", "m"]);
static VIPS: CModule = own(WithoutCgo::BuildFails, &["vips"]);
static MAGICK: CModule = own(WithoutCgo::BuildFails, &["MagickWand"]);
static OPENCV: CModule = own(WithoutCgo::BuildFails, &["opencv_core", "stdc++"]);
static PCAP: CModule = own(WithoutCgo::BuildFails, &["pcap"]);
static GIT2: CModule = own(WithoutCgo::BuildFails, &["git2"]);
static WEBP: CModule = own(WithoutCgo::BuildFails, &["webp"]);
static ZMQ: CModule = own(WithoutCgo::BuildFails, &["zmq"]);
static DLOPEN: CModule = own(WithoutCgo::BuildFails, &["dl"]);
static GL: CModule = own(WithoutCgo::BuildFails, &["GL", "X11"]);

use Effect::{C, Net, Nothing};

/// By import path; an entry also answers for everything below it, unless a longer one does.
static KNOWN: &[(&str, Effect)] = &[
    ("cloud.google.com/go", Net),
    ("fyne.io/fyne", C(&GL)),
    ("github.com/Azure/azure-sdk-for-go", Net),
    ("github.com/BurntSushi/toml", Nothing),
    ("github.com/DataDog/zstd", C(&OWN)),
    ("github.com/IBM/sarama", Net),
    ("github.com/Masterminds/semver", Nothing),
    ("github.com/NVIDIA/go-nvml", C(&DLOPEN)),
    ("github.com/PuerkitoBio/goquery", Net),
    ("github.com/Shopify/sarama", Net),
    ("github.com/aws/aws-sdk-go", Net),
    ("github.com/aws/aws-sdk-go-v2", Net),
    ("github.com/bytecodealliance/wasmtime-go", C(&OWN)),
    ("github.com/cespare/xxhash", Nothing),
    ("github.com/chai2010/webp", C(&OWN)),
    ("github.com/confluentinc/confluent-kafka-go", C(&KAFKA)),
    ("github.com/coreos/go-systemd/sdjournal", C(&DLOPEN)),
    ("github.com/coreos/go-systemd/v22/sdjournal", C(&DLOPEN)),
    ("github.com/davecgh/go-spew", Nothing),
    ("github.com/davidbyttow/govips", C(&VIPS)),
    ("github.com/docker/docker/client", Net),
    ("github.com/duckdb/duckdb-go", C(&CXX)),
    ("github.com/dustin/go-humanize", Nothing),
    ("github.com/elastic/go-elasticsearch", Net),
    ("github.com/fatih/color", Nothing),
    ("github.com/getsentry/sentry-go", Net),
    ("github.com/gin-gonic/gin", Net),
    ("github.com/go-chi/chi", Net),
    ("github.com/go-gl/gl", C(&GL)),
    ("github.com/go-gl/glfw", C(&GL)),
    ("github.com/go-playground/validator", Net),
    ("github.com/go-redis/redis", Net),
    ("github.com/go-resty/resty", Net),
    ("github.com/go-sql-driver/mysql", Net),
    ("github.com/gocql/gocql", Net),
    ("github.com/gofiber/fiber", Net),
    ("github.com/golang-jwt/jwt", Net),
    ("github.com/golang/snappy", Nothing),
    ("github.com/google/go-cmp", Nothing),
    ("github.com/google/gopacket", Net),
    ("github.com/google/gopacket/pcap", C(&PCAP)),
    ("github.com/google/uuid", Net),
    ("github.com/gopacket/gopacket", Net),
    ("github.com/gopacket/gopacket/pcap", C(&PCAP)),
    ("github.com/gorilla/handlers", Net),
    ("github.com/gorilla/mux", Net),
    ("github.com/gorilla/sessions", Net),
    ("github.com/gorilla/websocket", Net),
    ("github.com/h2non/bimg", C(&VIPS)),
    ("github.com/hashicorp/consul/api", Net),
    ("github.com/hashicorp/golang-lru", Nothing),
    ("github.com/hashicorp/vault/api", Net),
    ("github.com/jackc/pgx", Net),
    ("github.com/jmoiron/sqlx", Nothing),
    ("github.com/joho/godotenv", Nothing),
    ("github.com/json-iterator/go", Nothing),
    ("github.com/julienschmidt/httprouter", Net),
    ("github.com/kolesa-team/go-webp", C(&WEBP)),
    ("github.com/labstack/echo", Net),
    ("github.com/lib/pq", Net),
    ("github.com/libgit2/git2go", C(&GIT2)),
    ("github.com/linxGNU/grocksdb", C(&ROCKSDB)),
    ("github.com/marcboeker/go-duckdb", C(&CXX)),
    ("github.com/mattn/go-colorable", Nothing),
    ("github.com/mattn/go-isatty", Nothing),
    ("github.com/mattn/go-runewidth", Nothing),
    ("github.com/mattn/go-sqlite3", C(&SQLITE)),
    ("github.com/miekg/dns", Net),
    ("github.com/miekg/pkcs11", C(&DLOPEN)),
    ("github.com/minio/minio-go", Net),
    ("github.com/mitchellh/mapstructure", Net),
    ("github.com/modern-go", Nothing),
    ("github.com/mutecomm/go-sqlcipher", C(&SQLITE)),
    ("github.com/nats-io/nats.go", Net),
    ("github.com/olivere/elastic", Net),
    ("github.com/pebbe/zmq4", C(&ZMQ)),
    ("github.com/pkg/errors", Nothing),
    ("github.com/pmezard/go-difflib", Nothing),
    ("github.com/prometheus/client_golang/prometheus", Net),
    ("github.com/quic-go/quic-go", Net),
    ("github.com/rabbitmq/amqp091-go", Net),
    ("github.com/redis/go-redis", Net),
    ("github.com/robfig/cron", Nothing),
    ("github.com/rogchap/v8go", C(&CXX)),
    ("github.com/rs/cors", Net),
    ("github.com/rs/zerolog", Net),
    ("github.com/segmentio/kafka-go", Net),
    ("github.com/shirou/gopsutil", Net),
    ("github.com/sirupsen/logrus", Nothing),
    ("github.com/sirupsen/logrus/hooks", Net),
    ("github.com/slack-go/slack", Net),
    ("github.com/smacker/go-tree-sitter", C(&OWN)),
    ("github.com/spf13/cobra", Net),
    ("github.com/spf13/pflag", Net),
    ("github.com/spf13/viper", Net),
    ("github.com/streadway/amqp", Net),
    ("github.com/tecbot/gorocksdb", C(&ROCKSDB)),
    ("github.com/tidwall/gjson", Nothing),
    ("github.com/tidwall/sjson", Nothing),
    ("github.com/tree-sitter/go-tree-sitter", C(&OWN)),
    ("github.com/valyala/fasthttp", Net),
    ("github.com/valyala/gozstd", C(&OWN)),
    ("github.com/veandco/go-sdl2", C(&GL)),
    ("go.etcd.io/etcd/client", Net),
    ("go.mongodb.org/mongo-driver/mongo", Net),
    ("go.uber.org/atomic", Nothing),
    ("go.uber.org/multierr", Nothing),
    ("go.uber.org/zap", Net),
    ("gocv.io/x/gocv", C(&OPENCV)),
    ("golang.org/x/crypto/acme", Net),
    ("golang.org/x/crypto/bcrypt", Nothing),
    ("golang.org/x/crypto/ssh", Net),
    ("golang.org/x/exp/constraints", Nothing),
    ("golang.org/x/exp/maps", Nothing),
    ("golang.org/x/exp/slices", Nothing),
    ("golang.org/x/net/http2", Net),
    ("golang.org/x/net/websocket", Net),
    ("golang.org/x/oauth2", Net),
    ("golang.org/x/sync", Nothing),
    ("golang.org/x/sys", Nothing),
    ("golang.org/x/term", Nothing),
    ("golang.org/x/text", Nothing),
    ("google.golang.org/api", Net),
    ("google.golang.org/grpc", Net),
    ("google.golang.org/protobuf", Nothing),
    ("gopkg.in/confluentinc/confluent-kafka-go.v1", C(&KAFKA)),
    ("gopkg.in/gographics/imagick.v2", C(&MAGICK)),
    ("gopkg.in/gographics/imagick.v3", C(&MAGICK)),
    ("gopkg.in/yaml.v2", Nothing),
    ("gopkg.in/yaml.v3", Nothing),
    ("gorm.io/driver/mysql", Net),
    ("gorm.io/driver/postgres", Net),
    ("gorm.io/driver/sqlite", C(&SQLITE)),
    ("k8s.io/apimachinery", Net),
    ("k8s.io/client-go", Net),
    ("sigs.k8s.io/controller-runtime", Net),
];

/// What importing `package` brings, and whether the very package is known (or only the module that it is part of).
#[must_use]
pub(super) fn lookup(package: &str) -> Option<(&'static str, Effect, bool)> {
    let covers = |(path, _): &&(&str, Effect)| {
        package.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let (path, effect) = KNOWN.iter().filter(covers).max_by_key(|(path, _)| path.len())?;
    let rest = package[path.len()..].trim_start_matches('/');
    let exact = rest.is_empty() || is_major_version(rest);
    Some((path, *effect, exact))
}

/// `v2` and the like at the end of a module path.
#[must_use]
pub fn is_major_version(element: &str) -> bool {
    element.strip_prefix('v').is_some_and(|number| {
        !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) && !number.starts_with('0') && number != "1"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_path_answers() {
        assert_eq!(lookup("github.com/sirupsen/logrus"), Some(("github.com/sirupsen/logrus", Nothing, true)));
        assert_eq!(lookup("github.com/sirupsen/logrus/hooks/syslog").map(|(_, effect, _)| effect), Some(Net));
        assert_eq!(lookup("github.com/go-chi/chi/v5").map(|(.., exact)| exact), Some(true));
        assert_eq!(lookup("github.com/go-chi/chi/v5/middleware").map(|(.., exact)| exact), Some(false));
        assert_eq!(lookup("github.com/mattn/go-sqlite3x"), None);
    }

    #[test]
    fn the_table_is_sorted_and_has_no_path_twice() {
        assert!(KNOWN.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
