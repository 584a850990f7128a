#!/bin/sh
# musl.sh PROGRAM VARIANT OUT: a Rust program for x86_64-unknown-linux-musl. Debian has no musl std, so std is built
# from the packaged source (cargo -Zbuild-std; std's own dependencies come from the registry).
set -e
p=$1 v=$2 out=$3
w=/tmp/rustmusl-$v; mkdir -p $w/src $w/l
cp /lab/src/rust/$p.rs $w/src/main.rs
printf '[package]\nname = "t"\nversion = "0.0.0"\nedition = "2021"\n[profile.release]\npanic = "abort"\n' >$w/Cargo.toml
# std wants libunwind for this target; GCC's own unwinder has the same interface
cp "$(gcc -print-file-name=libgcc_eh.a)" $w/l/libunwind.a
# (which asks glibc for _dl_find_object; panics abort here, so "not found" is a good answer)
printf 'int _dl_find_object(void *a, void *b) { (void)a; (void)b; return -1; }\n' >$w/l/s.c
(cd $w/l && gcc -c -fPIC s.c && ar r libunwind.a s.o)
m=/usr/lib/x86_64-linux-musl
case $v in
  static) ld=musl-gcc; fl="-C relocation-model=static" ;;
  dynamic) ld=musl-gcc; fl="-C target-feature=-crt-static"; cp $w/l/libunwind.a $w/l/libgcc_s.a ;;
  staticpie) # what rustup's own musl target makes; musl-gcc cannot link it, so the start files are named here
    ld=$w/muslcc.sh; fl="-C relocation-model=pic"
    printf '#!/bin/sh\nexec gcc -nostartfiles %s/rcrt1.o %s/crti.o %s -L%s "$@" %s %s/crtn.o\n' $m $m "$(gcc -print-file-name=crtbeginS.o)" $m "$(gcc -print-file-name=crtendS.o)" $m >$ld; chmod +x $ld ;;
esac
cd $w
HOME=/tmp RUSTC_BOOTSTRAP=1 CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_LINKER=$ld RUSTFLAGS="-C link-self-contained=no -L$w/l $fl" \
  cargo build -j1 --release -Zbuild-std=std,panic_abort --target x86_64-unknown-linux-musl
cp target/x86_64-unknown-linux-musl/release/t "$out"
