//! The text of `Fn::Sub`.

/// A part of the text.
pub(super) enum SubPiece<'a> {
    Text(&'a str),
    Variable(&'a str),
}

/// The text in pieces; `${!Literal}` stands for `${Literal}`.
pub(super) fn sub_pieces(mut text: &str) -> Vec<SubPiece<'_>> {
    let mut pieces = Vec::new();
    while let Some((before, (inside, after))) = text
        .split_once("${")
        .and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        pieces.push(SubPiece::Text(before));
        match inside.strip_prefix('!') {
            Some(literal) => pieces.extend(["${", literal, "}"].map(SubPiece::Text)),
            None => pieces.push(SubPiece::Variable(inside.trim())),
        }
        text = after;
    }
    pieces.push(SubPiece::Text(text));
    pieces
}
