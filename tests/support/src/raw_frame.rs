//! Frames byte by byte (section 5.2 of RFC 6455), those that no library would send among them.

pub const FIN: u8 = 0x80;
pub const CONTINUATION: u8 = 0;
pub const TEXT: u8 = 1;
pub const BINARY: u8 = 2;
pub const CLOSE: u8 = 8;
pub const PING: u8 = 9;
const MASKED: u8 = 0x80;

/// A frame as it looks on the wire, whether it is allowed or not. The mask is zero, so the payload
/// stays legible.
pub fn raw_frame(first_byte: u8, masked: bool, payload: &[u8]) -> Vec<u8> {
    [raw_header(first_byte, masked, payload.len()).as_slice(), payload].concat()
}

/// The header alone, which may announce more than will come.
pub fn raw_header(first_byte: u8, masked: bool, length: usize) -> Vec<u8> {
    let mask_bit = if masked { MASKED } else { 0 };
    let mut header = vec![first_byte];
    match length {
        0..=125 => header.push(mask_bit | length as u8),
        126..=65_535 => {
            header.push(mask_bit | 126);
            header.extend((length as u16).to_be_bytes());
        }
        _ => {
            header.push(mask_bit | 127);
            header.extend((length as u64).to_be_bytes());
        }
    }
    if masked {
        header.extend([0; 4]);
    }
    header
}
