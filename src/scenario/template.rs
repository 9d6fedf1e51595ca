//! A scenario to begin with, written from a few choices: every line says what it does.
//!
//! What is written is read again, so that it never holds anything that `claque check` would refuse
//! or warn of.

use std::fmt::Write as _;

use claque_audience::{Micros, Money, Product};

use super::parse;
use crate::input::Problems;
use crate::input::units::{self, Misread, show_duration};

/// What a new scenario is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// Its name.
    pub name: String,
    /// How many viewers.
    pub viewers: u32,
    /// How long the run is, at least [`Template::LENGTH_MIN`].
    pub length: Micros,
    /// Who does the shows, one each; not empty.
    pub creators: Vec<String>,
    /// What is sold; not empty.
    pub products: Vec<Product>,
    /// What it is played against; the embedded backend if none.
    pub url: Option<String>,
}

impl Default for Template {
    /// A minute with one creator, 500 viewers and a lamp.
    fn default() -> Template {
        Template {
            name: "my-show".to_owned(),
            viewers: 500,
            length: Micros(60_000_000),
            creators: vec!["mia".to_owned()],
            products: product(Template::PRODUCT).into_iter().collect(),
            url: None,
        }
    }
}

/// Reads `lamp=39.00 EUR x40`: name, price, units.
///
/// # Errors
/// If it is none.
pub fn product(text: &str) -> Result<Product, Misread> {
    let form = "write name, price and stock: \"lamp=39.00 EUR x40\"";
    let misread = |message: String| Misread { message, help: form.to_owned() };
    let parts = text.split_once('=').and_then(|(name, rest)| {
        let (price, stock) = rest.rsplit_once('x')?;
        Some((name.trim(), price, stock.trim().replace('_', "")))
    });
    let (name, price, stock) = parts.ok_or_else(|| misread(format!("`{text}` is no product")))?;
    let price: Money = units::money(price)?;
    let stock = stock.parse().map_err(|_| misread(format!("`{stock}` is no number of units")))?;
    Ok(Product { name: name.to_owned(), price, stock })
}

impl Template {
    /// The shortest run that there is room in for its cues.
    pub const LENGTH_MIN: Micros = Micros(12_000_000);
    /// The product of the default.
    pub const PRODUCT: &str = "lamp=39.00 EUR x40";

    /// The scenario as a text.
    ///
    /// # Errors
    /// If the choices make no good scenario.
    pub fn write(&self) -> Result<String, Box<Problems>> {
        let text = self.text();
        let (_, warnings) = parse("the new scenario", &text, &[], &|_| Err(String::new()))?;
        if warnings.is_empty() { Ok(text) } else { Err(Box::new(warnings)) }
    }

    fn text(&self) -> String {
        let mut page = Page(String::new());
        let name = &self.name;
        page.say(&format!(
            "A scenario for claque. To see what it amounts to: claque check {name}.toml"
        ));
        page.say(&format!("To look at it as a picture: claque preview {name}.toml"));
        page.say(&format!("To play it: claque run {name}.toml"));
        page.say("Every field, with examples: docs/scenarios.md.");
        page.gap();
        self.head(&mut page);
        self.target(&mut page);
        self.products(&mut page);
        self.shows(&mut page);
        self.audience(&mut page);
        page.0
    }

    fn head(&self, page: &mut Page) {
        page.line(&format!("name   = {:?}", self.name), "names the results folder");
        page.line("seed   = 1", "another seed, another audience of the same kind");
        page.line(
            &format!("length = {:?}", show_duration(self.length)),
            "of the run; times are texts with a unit: \"500ms\", \"90s\", \"1h30m\"",
        );
        page.line("objectives = [", "the verdict and the exit code follow");
        let sold = &self.products[0].name;
        for (objective, comment) in [
            ("chat response p99 < 250ms".to_owned(), "from wanting to write to being acknowledged"),
            (
                "chat delivery p99 < 500ms in the worst second".to_owned(),
                "from wanting to write to being read",
            ),
            ("chat completeness = 100%".to_owned(), "everybody in the room receives every message"),
            (
                format!("check-out response p99 < 1s during flash_sale({sold})"),
                "when all want it at once",
            ),
            ("failed < 1%".to_owned(), "of all that is done; being refused is no failure"),
            ("oversold = 0".to_owned(), "no more is sold than there is"),
        ] {
            page.line(&format!("  {objective:?},"), comment);
        }
        page.line("]", "");
        page.line(
            "abort_when = [\"failed > 50% over 10s\"]",
            "end early if most of the last 10 seconds failed",
        );
        page.gap();
    }

    fn target(&self, page: &mut Page) {
        page.line("[target]", "what it is played against");
        if let Some(url) = &self.url {
            page.line(&format!("url     = {url:?}"), "scheme, host and port");
        } else {
            page.say(
                "url   = \"http://127.0.0.1:8080\"    left out, a reference backend is started",
            );
        }
        page.line(
            "binding = \"reference\"",
            "how to speak to it: a shipped binding, or a path to your own",
        );
        page.gap();
    }

    fn products(&self, page: &mut Page) {
        for Product { name, price, stock } in &self.products {
            page.line(&format!("[products.{name}]"), "what is sold");
            page.line(&format!("price = \"{price}\""), "of one unit");
            page.line(&format!("stock = {stock}"), "units at the start");
            page.gap();
        }
    }

    /// An instant of the run, `part` of `whole` into it, in whole seconds.
    fn at(&self, part: u64, whole: u64) -> String {
        let seconds = self.length.0 / Micros::SECOND.0;
        show_duration(Micros(seconds * part / whole * Micros::SECOND.0))
    }

    fn shows(&self, page: &mut Page) {
        for (number, creator) in self.creators.iter().enumerate() {
            page.line("[[shows]]", "a live stream");
            page.line(&format!("creator = {creator:?}"), "who does it; the room is named after it");
            page.line(
                "chat    = { branching = 0.3, decay = \"1s\" }",
                "a message has 0.3 replies on average, 1 s later",
            );
            page.line("cues    = [", "what the creator does, in the order of time");
            let say = |at: String, act: String| format!("  {{ at = {at:?}, {act} }},");
            page.line(
                &say(self.at(1, 24), "say = \"Welcome!\"".to_owned()),
                "a message to everybody",
            );
            // One after another until half the time is over.
            let count = self.products.len() as u64;
            for (index, product) in (1..).zip(&self.products) {
                let at = self.at(index, 2 * (count + 1));
                page.line(
                    &say(at, format!("pin = {:?}", product.name)),
                    "shown on top of the room: more look at it",
                );
            }
            if number == 0 {
                self.sale(page);
            }
            page.line("]", "");
            page.gap();
        }
    }

    /// A flash sale of the first product, a quarter cheaper, for a quarter of the run.
    fn sale(&self, page: &mut Page) {
        let Product { name, price, .. } = &self.products[0];
        let cheaper = Money { minor: (price.minor * 3 / 4).max(1), ..*price };
        let (at, length) = (self.at(7, 12), self.at(1, 4));
        page.line(
            &format!(
                "  {{ at = {at:?}, flash_sale = {name:?}, price = \"{cheaper}\", length = {length:?} }},"
            ),
            "cheaper for a while",
        );
    }

    fn audience(&self, page: &mut Page) {
        page.line("[[audience]]", "a kind of viewer; write further [[audience]] for others");
        page.line("name     = \"followers\"", "viewers are called followers-0, followers-1, …");
        if self.creators.len() > 1 {
            page.line(
                "shows    = { zipf = 1.0 }",
                "the first show has the most, the second half as many, …",
            );
        }
        page.line(&format!("viewers  = {}", self.viewers), "exactly so many");
        page.line(
            &format!(
                "arrivals = {{ points = [[\"0s\", 1.0], [{:?}, 3.0], [{:?}, 0.2]] }}",
                self.at(1, 12),
                show_duration(self.length)
            ),
            "when they come: only the shape counts",
        );
        // Minutes, but in a short run not so long that everybody would stay to the end.
        let most = self.length.0 / Micros::SECOND.0 * 2 / 3;
        let median = show_duration(Micros(most.min(240) * Micros::SECOND.0));
        page.line(
            &format!("stay     = {{ log_normal = {{ median = {median:?}, sigma = 1.1 }} }}"),
            "half of them stay longer than the median",
        );
        page.line("chat     = { per_visit = 0.04 }", "messages; published rooms have no more");
        page.line(
            "likes    = { per_visit = 10, run = 4 }",
            "in runs of four on average; rates work too: per_viewer = \"3/min\"",
        );
        page.line(
            "funnel   = { click_per_visit = \"9%\", cart_per_click = \"35%\", buy_per_cart = \"50%\", pin_lift = 3.0 }",
            "the way to a purchase; a pin triples the readiness to look",
        );
    }
}

/// A text of lines with their comments.
struct Page(String);

/// Where comments begin, if the line is not longer.
const COLUMN: usize = 46;

impl Page {
    fn line(&mut self, code: &str, comment: &str) {
        let _ = match comment {
            "" => writeln!(self.0, "{code}"),
            comment => writeln!(self.0, "{code:<COLUMN$}  # {comment}"),
        };
    }

    fn say(&mut self, comment: &str) {
        let _ = writeln!(self.0, "# {comment}");
    }

    fn gap(&mut self) {
        self.0.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use claque_audience::Currency;
    use proptest::prelude::*;

    use super::*;

    fn products() -> impl Strategy<Value = Vec<Product>> {
        prop::collection::btree_map("[a-z0-9_-]{1,12}", (1_u64..1_000_000, 0_u32..9_999), 1..5)
            .prop_map(|products| {
                let currency = Currency(*b"EUR");
                let product = |(name, (minor, stock))| Product {
                    name,
                    price: Money { minor, currency },
                    stock,
                };
                products.into_iter().map(product).collect()
            })
    }

    proptest! {
        /// Whatever is chosen, the text is a good scenario that says what was chosen.
        #[test]
        fn every_choice_makes_a_good_scenario(
            name in "[A-Za-z0-9_-]{1,64}",
            viewers in 0_u32..5_000,
            seconds in 12_u64..200_000,
            millis in 0_u64..1_000,
            creators in prop::collection::btree_set("[a-z_]{1,12}", 1..5),
            products in products(),
            url in prop::option::of(Just("http://127.0.0.1:8080".to_owned())),
        ) {
            let length = Micros(seconds * 1_000_000 + millis * 1_000);
            let creators: Vec<String> = creators.into_iter().collect();
            let template = Template { name, viewers, length, creators, products, url };
            let text = match template.write() {
                Ok(text) => text,
                Err(problems) => return Err(TestCaseError::fail(problems.to_string())),
            };
            let (scenario, _) = parse("new.toml", &text, &[], &|_| Err(String::new())).unwrap();
            prop_assert_eq!(&scenario.name, &template.name);
            prop_assert_eq!(scenario.plan.length, template.length);
            prop_assert_eq!(&scenario.plan.products, &template.products);
            prop_assert_eq!(&scenario.target.url, &template.url);
            let shows: Vec<_> = scenario.plan.shows.into_iter().map(|show| show.creator).collect();
            prop_assert_eq!(shows, template.creators);
            for line in text.lines().filter(|line| !line.is_empty() && *line != "]") {
                prop_assert!(line.contains("# "), "nothing is said of {}", line);
            }
        }
    }

    #[test]
    fn what_makes_no_scenario_is_refused() {
        let with = |change: fn(&mut Template)| {
            let mut template = Template::default();
            change(&mut template);
            template.write().unwrap_err().to_string()
        };
        assert!(with(|template| template.name = "a b".to_owned()).contains("cannot be a name"));
        let twice = with(|template| template.creators.push("mia".to_owned()));
        assert!(twice.contains("two creators are named `mia`"), "{twice}");
        let spoken = with(|template| template.url = Some("https://x".to_owned()));
        assert!(spoken.contains("asks for TLS"), "{spoken}");
        for (text, what) in [
            ("lamp", "`lamp` is no product"),
            ("lamp=39.00 EUR", "`lamp=39.00 EUR` is no product"),
            ("lamp=39 x4", "`39` has no currency"),
            ("lamp=39.00 EUR xx", "`39.00 EUR x` …"),
        ] {
            let misread = product(text).unwrap_err();
            assert!(misread.message == what || what.ends_with('…'), "{}", misread.message);
        }
    }

    #[test]
    fn the_default_reads_well() {
        insta::assert_snapshot!(Template::default().write().unwrap(), @r#"
        # A scenario for claque. To see what it amounts to: claque check my-show.toml
        # To look at it as a picture: claque preview my-show.toml
        # To play it: claque run my-show.toml
        # Every field, with examples: docs/scenarios.md.

        name   = "my-show"                              # names the results folder
        seed   = 1                                      # another seed, another audience of the same kind
        length = "1m"                                   # of the run; times are texts with a unit: "500ms", "90s", "1h30m"
        objectives = [                                  # the verdict and the exit code follow
          "chat response p99 < 250ms",                  # from wanting to write to being acknowledged
          "chat delivery p99 < 500ms in the worst second",  # from wanting to write to being read
          "chat completeness = 100%",                   # everybody in the room receives every message
          "check-out response p99 < 1s during flash_sale(lamp)",  # when all want it at once
          "failed < 1%",                                # of all that is done; being refused is no failure
          "oversold = 0",                               # no more is sold than there is
        ]
        abort_when = ["failed > 50% over 10s"]          # end early if most of the last 10 seconds failed

        [target]                                        # what it is played against
        # url   = "http://127.0.0.1:8080"    left out, a reference backend is started
        binding = "reference"                           # how to speak to it: a shipped binding, or a path to your own

        [products.lamp]                                 # what is sold
        price = "39.00 EUR"                             # of one unit
        stock = 40                                      # units at the start

        [[shows]]                                       # a live stream
        creator = "mia"                                 # who does it; the room is named after it
        chat    = { branching = 0.3, decay = "1s" }     # a message has 0.3 replies on average, 1 s later
        cues    = [                                     # what the creator does, in the order of time
          { at = "2s", say = "Welcome!" },              # a message to everybody
          { at = "15s", pin = "lamp" },                 # shown on top of the room: more look at it
          { at = "35s", flash_sale = "lamp", price = "29.25 EUR", length = "15s" },  # cheaper for a while
        ]

        [[audience]]                                    # a kind of viewer; write further [[audience]] for others
        name     = "followers"                          # viewers are called followers-0, followers-1, …
        viewers  = 500                                  # exactly so many
        arrivals = { points = [["0s", 1.0], ["5s", 3.0], ["1m", 0.2]] }  # when they come: only the shape counts
        stay     = { log_normal = { median = "40s", sigma = 1.1 } }  # half of them stay longer than the median
        chat     = { per_visit = 0.04 }                 # messages; published rooms have no more
        likes    = { per_visit = 10, run = 4 }          # in runs of four on average; rates work too: per_viewer = "3/min"
        funnel   = { click_per_visit = "9%", cart_per_click = "35%", buy_per_cart = "50%", pin_lift = 3.0 }  # the way to a purchase; a pin triples the readiness to look
        "#);
    }
}
