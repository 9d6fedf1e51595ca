//! JSON Pointers (RFC 6901), compiled into one tree that a document is scanned against.

/// The place of a pointer in its [`PointerTree`], and of what it found among a scan's findings.
pub(super) type Place = u16;

/// The place of the whole document.
pub(super) const ROOT: Place = 0;

/// All the pointers that one kind of document is searched for.
#[derive(Clone, Debug)]
pub(super) struct PointerTree {
    nodes: Vec<Node>,
}

/// What a scan looks for at one place of a document.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    /// Members or elements that matter.
    children: Vec<Child>,
}

#[derive(Clone, Debug)]
struct Child {
    name: Box<str>,
    /// The name as an array index, if it is one.
    index: Option<u32>,
    place: Place,
}

/// Something wrong in a pointer, by bytes of its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PointerFault {
    pub(super) at: std::ops::Range<usize>,
    pub(super) message: String,
    pub(super) help: String,
}

impl Default for PointerTree {
    fn default() -> PointerTree {
        PointerTree { nodes: vec![Node::default()] }
    }
}

impl PointerTree {
    /// Adds a pointer and says where it stands; the same pointer stands in one place.
    pub(super) fn insert(&mut self, pointer: &str) -> Result<Place, PointerFault> {
        let mut place = ROOT;
        let Some(tokens) = pointer.strip_prefix('/') else {
            if pointer.is_empty() {
                return Ok(ROOT);
            }
            return Err(PointerFault {
                at: 0..pointer.len(),
                message: format!("`{pointer}` is not a JSON Pointer"),
                help: format!("a pointer begins with a slash: `/{pointer}`"),
            });
        };
        let mut at = 1;
        for token in tokens.split('/') {
            let name = unescape(token).map_err(|tilde| PointerFault {
                at: at + tilde..(at + tilde + 2).min(at + token.len()),
                message: format!("bad escape in the pointer `{pointer}`"),
                help: "`~0` stands for `~` and `~1` for `/`; there are no others".to_owned(),
            })?;
            at += token.len() + 1;
            place = self.child(place, name).ok_or_else(|| PointerFault {
                at: 0..pointer.len(),
                message: "more pointers than a binding may have".to_owned(),
                help: "can some of them be left out?".to_owned(),
            })?;
        }
        Ok(place)
    }

    fn child(&mut self, parent: Place, name: String) -> Option<Place> {
        let node = &self.nodes[usize::from(parent)];
        if let Some(child) = node.children.iter().find(|child| *child.name == *name) {
            return Some(child.place);
        }
        let place = Place::try_from(self.nodes.len()).ok()?;
        self.nodes.push(Node::default());
        let index = array_index(&name);
        self.nodes[usize::from(parent)].children.push(Child { name: name.into(), index, place });
        Some(place)
    }

    /// Number of places, the root included.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(super) fn node(&self, place: Place) -> &Node {
        &self.nodes[usize::from(place)]
    }
}

impl Node {
    /// Whether nothing below this place matters.
    pub(super) fn is_leaf(&self) -> bool {
        self.children.is_empty()
    }

    /// The place of the member of that name.
    pub(super) fn member(&self, name: &[u8]) -> Option<Place> {
        self.children.iter().find(|child| child.name.as_bytes() == name).map(|child| child.place)
    }

    /// The place of the element of that index.
    pub(super) fn element(&self, index: u32) -> Option<Place> {
        self.children.iter().find(|child| child.index == Some(index)).map(|child| child.place)
    }

    /// The places right below.
    pub(super) fn below(&self) -> impl Iterator<Item = Place> + '_ {
        self.children.iter().map(|child| child.place)
    }
}

/// A token without its escapes, or where its first bad one is.
fn unescape(token: &str) -> Result<String, usize> {
    let mut name = String::with_capacity(token.len());
    let mut rest = token;
    while let Some(tilde) = rest.find('~') {
        name.push_str(&rest[..tilde]);
        name.push(match rest.as_bytes().get(tilde + 1) {
            Some(b'0') => '~',
            Some(b'1') => '/',
            _ => return Err(token.len() - rest.len() + tilde),
        });
        rest = &rest[tilde + 2..];
    }
    name.push_str(rest);
    Ok(name)
}

/// RFC 6901: digits, without a leading zero.
fn array_index(name: &str) -> Option<u32> {
    let canonical = name == "0" || !name.starts_with('0');
    let digits = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    (canonical && digits).then(|| name.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pointer: &str, expect: Result<usize, (std::ops::Range<usize>, &str)>) {
        let mut tree = PointerTree::default();
        let found = tree.insert(pointer).map(|_| tree.len() - 1);
        let found = found.map_err(|fault| (fault.at, fault.message));
        assert_eq!(found, expect.map_err(|(at, message)| (at, message.to_owned())), "{pointer}");
    }

    #[test]
    fn pointers_are_read_as_rfc_6901_says() {
        check("", Ok(0));
        check("/", Ok(1));
        check("/a/b", Ok(2));
        check("/a~1b/m~0n/0", Ok(3));
        check("/ü/ /%25", Ok(3));
        check("body/x", Err((0..6, "`body/x` is not a JSON Pointer")));
        check("/a/b~2c", Err((4..6, "bad escape in the pointer `/a/b~2c`")));
        check("/a~", Err((2..3, "bad escape in the pointer `/a~`")));
    }

    #[test]
    fn one_pointer_has_one_place_and_shares_its_way() {
        let mut tree = PointerTree::default();
        let cid = tree.insert("/body/cid").unwrap();
        let seq = tree.insert("/body/seq").unwrap();
        assert_ne!(cid, seq);
        assert_eq!(tree.insert("/body/cid").unwrap(), cid);
        assert_eq!(tree.len(), 4);
        let body = tree.node(ROOT).member(b"body").unwrap();
        assert_eq!(tree.node(body).member(b"seq"), Some(seq));
    }

    #[test]
    fn indices_have_no_leading_zero() {
        assert_eq!(
            ["0", "7", "10", "01", "", "-", "+1"].map(array_index),
            [Some(0), Some(7), Some(10), None, None, None, None]
        );
    }
}
