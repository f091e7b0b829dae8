//! Numbers as letters and digits of a fixed width, in an order that sorts as the numbers do.

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The last `width` base-62 digits of `number`, most significant first.
pub(crate) fn encode(mut number: u128, width: usize) -> String {
    let mut digits = vec![b'0'; width];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(number % 62) as usize];
        number /= 62;
    }
    digits.into_iter().map(char::from).collect()
}

/// The number that these digits stand for; `None` for other characters or a number over 128 bits.
pub(crate) fn decode(text: &str) -> Option<u128> {
    text.bytes().try_fold(0u128, |number, byte| {
        let digit = DIGITS.iter().position(|&d| d == byte)?;
        number.checked_mul(62)?.checked_add(digit as u128)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_fits_comes_back(number in 0u128..62u128.pow(12)) {
            prop_assert_eq!(decode(&encode(number, 12)), Some(number));
        }

        #[test]
        fn the_texts_sort_as_the_numbers_do(a in 0u128..62u128.pow(8), b in 0u128..62u128.pow(8)) {
            prop_assert_eq!(encode(a, 8).cmp(&encode(b, 8)), a.cmp(&b));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = decode(&text);
        }
    }
}
