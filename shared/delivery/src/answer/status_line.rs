//! The status line: HTTP's name and a version, blanks, and three digits. More of it is not needed
//! to know what the receiver says.

const NAME: &[u8] = b"HTTP/";
/// Longer than any version.
const LONGEST_VERSION: usize = 8;

/// What stands at the start of some bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum StatusLine {
    /// Perhaps a status line, when more of it has come.
    Incomplete,
    /// No status line.
    None,
    /// A status line, at least up to its status.
    Read {
        status: u16,
        /// How many bytes that was.
        length: usize,
        is_http_1_1: bool,
    },
}

impl StatusLine {
    pub(super) fn read(bytes: &[u8]) -> Self {
        let common = bytes.len().min(NAME.len());
        if !bytes[..common].eq_ignore_ascii_case(&NAME[..common]) {
            return Self::None;
        }
        let rest = &bytes[common..];
        let length = count(rest, |byte| byte.is_ascii_digit() || byte == b'.');
        let (version, rest) = rest.split_at(length);
        let (blanks, rest) = rest.split_at(count(rest, is_blank));
        let (digits, after) = rest.split_at(count(rest, |byte| byte.is_ascii_digit()));
        if version.len() > LONGEST_VERSION || digits.len() > 3 {
            return Self::None;
        }
        // Where the bytes end is where they are incomplete; any other end must be the right one.
        match (version, blanks, digits, after) {
            (_, [], _, []) if rest.is_empty() => Self::Incomplete,
            ([], ..) | (_, [], ..) => Self::None,
            (_, _, _, []) => Self::Incomplete,
            (_, _, [b'1'..=b'9', _, _], [b' ' | b'\t' | b'\r' | b'\n', ..]) => Self::Read {
                status: digits
                    .iter()
                    .fold(0, |status, digit| 10 * status + u16::from(digit - b'0')),
                length: bytes.len() - after.len(),
                is_http_1_1: version == b"1.1",
            },
            _ => Self::None,
        }
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn count(bytes: &[u8], is_it: impl Fn(u8) -> bool) -> usize {
    bytes.iter().take_while(|&&byte| is_it(byte)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(line: &str) -> Option<u16> {
        match StatusLine::read(line.as_bytes()) {
            StatusLine::Read { status, length, .. } => {
                assert!(line[..length].ends_with(&status.to_string()));
                Some(status)
            }
            StatusLine::Incomplete | StatusLine::None => None,
        }
    }

    #[test]
    fn a_status_is_read_however_sloppy_its_line_is() {
        for line in [
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.1 200\r\n",
            "HTTP/1.1 200\n",
            "HTTP/1.1 200 ",
            "HTTP/1.1   200\tOK\r\n",
            "HTTP/1.0 200 OK\r\n",
            "HTTP/2 200 \r\n",
            "HTTP/2.0 200 OK\r\n",
            "http/1.1 200 ok\r\n",
            "HTTP/1.1 200 \u{e9}\0\r\n",
        ] {
            assert_eq!(status(line), Some(200), "{line:?}");
        }
        for (line, expected) in [("HTTP/1.1 999 x", 999), ("HTTP/1.1 100\n", 100)] {
            assert_eq!(status(line), Some(expected));
        }
    }

    #[test]
    fn a_status_is_known_at_the_byte_after_it_and_not_before() {
        let line = "HTTP/1.1 200 OK\r\n";
        for length in 0..line.len() {
            let read = StatusLine::read(&line.as_bytes()[..length]);
            assert_eq!(read == StatusLine::Incomplete, length < 13, "{length}");
        }
    }

    #[test]
    fn what_is_no_status_line_is_known_as_soon_as_it_can_be() {
        for line in [
            "S",
            "SSH-2.0",
            "HTTX",
            "HTTP/ 200 OK",
            "HTTP/x",
            "HTTP/1.1200 OK\r\n",
            "HTTP/1.1\r\n",
            "HTTP/1.1 OK",
            "HTTP/1.1 20 OK",
            "HTTP/1.1 2000",
            "HTTP/1.1 000 No",
            "HTTP/1.1 -20",
            "HTTP/1.1 200OK",
            "HTTP/1111.11111 200",
            "<html>",
            "ICY 200 OK\r\n",
            " HTTP/1.1 200 OK\r\n",
        ] {
            assert_eq!(
                StatusLine::read(line.as_bytes()),
                StatusLine::None,
                "{line:?}"
            );
        }
    }
}
