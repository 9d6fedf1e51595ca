//! What a binding costs: a received frame scanned, matched and captured; a template filled in.

use std::hint::black_box;

use bytes::BytesMut;
use claque::binding::{Binding, Event, Glance, Scratch, Session, Values, Verb, shipped};
use claque_audience::IntentKind;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// 300 bytes, as the reference backend sends them.
fn chat_frame() -> String {
    let head = r#"{"type":"chat","room":"mia","seq":17,"user":"followers-3","cid":"5f3a09c1-100000003-1a-2c9f7e1-1f4","text":""#;
    let text = "does it come in green, and how long is the cable? ".repeat(4);
    format!("{head}{}\"}}", &text[..300 - head.len() - 2])
}

fn frames(criterion: &mut Criterion) {
    let binding = Binding::parse("reference", shipped("reference").unwrap_or_default())
        .unwrap_or_else(|problems| panic!("{problems}"));
    let chat = chat_frame();
    let escaped = chat.replace("cable?", "\\\"x\\\"\\n");
    let mut scratch = Scratch::default();
    let mut group = criterion.benchmark_group("binding/frame");
    for (name, frame) in [
        ("broadcast of 300 bytes", chat.as_str()),
        ("broadcast with escapes", &escaped),
        ("answer", r#"{"type":"ok","id":2,"seq":17}"#),
        ("likes", r#"{"type":"likes","room":"mia","total":123}"#),
    ] {
        group.throughput(Throughput::Bytes(frame.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let mut records = binding.read(black_box(frame.as_bytes()), &mut scratch);
                let Some(Ok(record)) = records.next() else { panic!("the frame is JSON") };
                match binding.glance(&record) {
                    Glance::Event(Event::Broadcast { cid, .. }) => cid.map_or(0, str::len),
                    Glance::Event(Event::SoldOut { product }) => product.len(),
                    Glance::Other => 1,
                    Glance::Personal => 2,
                }
            });
        });
    }
}

fn templates(criterion: &mut Criterion) {
    let binding = Binding::parse("reference", shipped("reference").unwrap_or_default())
        .unwrap_or_else(|problems| panic!("{problems}"));
    let Some(call) = binding.verb(Verb::Intent(IntentKind::Chat)) else { panic!("chat is played") };
    let session = Session::default();
    let values = Values {
        text: "does it come in green, and how long is the cable?",
        cid: "5f3a09c1-100000003-1a-2c9f7e1-1f4",
        id: 17,
        ..Values::default()
    };
    let mut out = BytesMut::with_capacity(4096);
    criterion.bench_function("binding/template/chat", |bencher| {
        bencher.iter(|| {
            out.clear();
            call.encode(black_box(&values), &session, &mut out);
            out.len()
        });
    });
}

criterion_group!(benches, frames, templates);
criterion_main!(benches);
