/** A screen or two; what is longer is a log, and nobody pastes it for its one line. */
const LONGEST = 16_000;

const SAYS = /exec format error|no such file or directory|not found|permission denied|error (?:while )?(?:loading|relocating)|cannot execute|starting container process|unable to start container|exec user process|oci runtime|x509:|unknown time ?zone|glibc|bad interpreter|cannot open shared object|did not complete successfully|unable to find user/i;

/**
 * Whether a pasted text is what a terminal printed, and no file.
 *
 * The core decides what a message means; this only decides in which field it belongs.
 */
export function looksLikeMessage(text: string): boolean {
  if (text.length > LONGEST || /^\s*(FROM|ARG)\s+\S/im.test(text) || text.trimStart().startsWith("#")) return false;
  return SAYS.test(text);
}
