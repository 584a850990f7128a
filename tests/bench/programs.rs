//! What reading a program costs as its file grows, beside the tools that people use on the same file.
//!
//! The file is a real Go program followed by a hole: whoever reads by ranges pays for the program alone.

#[path = "../support/fixtures.rs"]
mod fixtures;

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use execlens::binary;
use execlens::input::{Input, ReadAt};

const SIZES: [u64; 4] = [2 << 20, 20 << 20, 200 << 20, 500 << 20];

/// A file that counts what is read of it.
struct Counted {
    file: File,
    size: u64,
    read: AtomicU64,
}

impl ReadAt for Counted {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.read.fetch_add(buffer.len() as u64, Ordering::Relaxed);
        self.file.read_exact_at(buffer, offset)
    }
}

fn main() -> io::Result<()> {
    let path = std::env::temp_dir().join(format!("execlens-bench-{}", std::process::id()));
    println!("{:>10} {:>14} {:>12} {:>16} {:>16}", "size", "bytes read", "execlens", "readelf -ldV", "go version -m");
    for size in SIZES {
        std::fs::write(&path, &*fixtures::bytes("fx-go-119-net"))?;
        File::options().write(true).open(&path)?.set_len(size)?;
        let counted = Arc::new(Counted { file: File::open(&path)?, size, read: AtomicU64::new(0) });
        let input = Input { path: "/app".into(), mode: None, content: counted.clone() };
        let own = shortest(|| drop(std::hint::black_box(binary::read(&input))));
        counted.read.store(0, Ordering::Relaxed);
        drop(std::hint::black_box(binary::read(&input)));
        let read = counted.read.load(Ordering::Relaxed);
        println!(
            "{:>7} MB {read:>14} {:>12} {:>16} {:>16}",
            size >> 20,
            shown(Some(own)),
            shown(tool("readelf", &["-ldV"], &path)),
            shown(tool("go", &["version", "-m"], &path)),
        );
    }
    std::fs::remove_file(&path)
}

fn shortest(mut run: impl FnMut()) -> Duration {
    let time = |_| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..5).map(time).min().unwrap_or_default()
}

/// A tool on the same file; `None` where it is not installed.
fn tool(name: &str, arguments: &[&str], path: &Path) -> Option<Duration> {
    let run = || Command::new(name).args(arguments).arg(path).stdout(Stdio::null()).stderr(Stdio::null()).status();
    run().ok()?;
    Some(shortest(|| drop(run())))
}

fn shown(time: Option<Duration>) -> String {
    time.map_or_else(|| "-".to_owned(), |time| format!("{:.3} ms", time.as_secs_f64() * 1e3))
}
