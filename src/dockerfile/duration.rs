//! Durations as Go's `time.ParseDuration` reads them: `1h2m3.25s`.

use crate::text;
use crate::text::Text;

/// Nanoseconds; the largest value is that of a signed 64-bit integer.
pub(super) fn parse(written: &str) -> Result<i64, Text> {
    let invalid =
        || text! { en: "invalid duration `{written}`", ja: "`{written}` は期間として不正です", written: written };
    let (negative, mut rest) = match written.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, written.strip_prefix('+').unwrap_or(written)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let whole = digits(&mut rest);
        let fraction = match rest.strip_prefix('.') {
            Some(after) => {
                rest = after;
                digits(&mut rest)
            }
            None => "",
        };
        if whole.is_empty() && fraction.is_empty() {
            return Err(invalid());
        }
        let end = rest.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(rest.len());
        let (unit, after) = rest.split_at(end);
        if unit.is_empty() {
            return Err(text! {
                en: "missing unit in duration `{written}`",
                ja: "期間 `{written}` に単位がありません",
                written: written,
            });
        }
        rest = after;
        let unit = nanoseconds(unit).ok_or_else(invalid)?;
        let part = value(whole, fraction, unit).ok_or_else(invalid)?;
        total = total.checked_add(part).filter(|total| *total <= 1 << 63).ok_or_else(invalid)?;
    }
    if negative {
        return Ok(0i64.wrapping_sub_unsigned(total));
    }
    i64::try_from(total).map_err(|_| invalid())
}

fn digits<'t>(rest: &mut &'t str) -> &'t str {
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, after) = rest.split_at(end);
    *rest = after;
    digits
}

fn nanoseconds(unit: &str) -> Option<u64> {
    Some(match unit {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    })
}

fn value(whole: &str, fraction: &str, unit: u64) -> Option<u64> {
    let limit: u64 = 1 << 63;
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut value = whole.checked_mul(unit).filter(|value| *value <= limit)?;
    // Digits beyond those that fit into 63 bits are ignored, and the rest is computed as Go does, in floating point.
    let (mut numerator, mut scale) = (0u64, 1f64);
    for digit in fraction.bytes().map(|byte| u64::from(byte - b'0')) {
        match numerator.checked_mul(10).and_then(|number| number.checked_add(digit)) {
            Some(number) if number <= limit => numerator = number,
            _ => break,
        }
        scale *= 10.0;
    }
    if numerator > 0 {
        value += (numerator as f64 * (unit as f64 / scale)) as u64;
    }
    (value <= limit).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let cases: &[(&str, Option<i64>)] = &[
            ("0", Some(0)),
            ("0s", Some(0)),
            ("1h2m3.25s", Some(3_723_250_000_000)),
            (".5s", Some(500_000_000)),
            ("1.s", Some(1_000_000_000)),
            ("10us", Some(10_000)),
            ("-1s", Some(-1_000_000_000)),
            ("9223372036854775807ns", Some(i64::MAX)),
            ("9223372036854775808ns", None),
            ("30", None),
            ("", None),
            ("s", None),
            (".s", None),
            ("1d", None),
            ("1 s", None),
            ("99999999999h", None),
        ];
        for (written, expected) in cases {
            assert_eq!(parse(written).ok(), *expected, "{written}");
        }
    }
}
