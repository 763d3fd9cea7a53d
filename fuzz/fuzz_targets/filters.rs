#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| iotdbg_fuzz::filters(data));
