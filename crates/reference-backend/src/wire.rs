//! The messages on the WebSocket: what a client may say, and what it is told.

/// The kinds of broadcast that carry a `cid`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A message of the chat.
    Chat,
    /// A pinned product.
    Pin,
    /// The start of a flash sale.
    FlashSale,
    /// The end of the show.
    End,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 4] = [Kind::Chat, Kind::Pin, Kind::FlashSale, Kind::End];

    /// Its name as the `type` of a broadcast.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Chat => "chat",
            Kind::Pin => "pin",
            Kind::FlashSale => "flash_sale",
            Kind::End => "end",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}
