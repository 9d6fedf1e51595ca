//! A synthetic audience for live-shopping backends and markets.
//!
//! Data flows one way: `scenario` → the audience crate → `drive` (through a `binding`) → `measure`
//! → `report`. ARCHITECTURE.md has the picture and the invariants.

pub mod binding;
pub mod drive;
pub mod forecast;
pub mod input;
pub mod measure;
pub mod preview;
pub mod report;
pub mod scenario;
