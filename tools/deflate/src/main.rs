//! Compresses standard input with libdeflate at its best level, and writes the raw DEFLATE data to standard output.

use std::io::{self, Read as _, Write as _};

use libdeflater::{CompressionLvl, Compressor};

fn main() -> io::Result<()> {
    let mut content = Vec::new();
    io::stdin().read_to_end(&mut content)?;
    io::stdout().write_all(&compress(&content)?)
}

fn compress(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut compressor = Compressor::new(CompressionLvl::best());
    let mut compressed = vec![0; compressor.deflate_compress_bound(content.len())];
    let length = compressor.deflate_compress(content, &mut compressed).map_err(io::Error::other)?;
    compressed.truncate(length);
    Ok(compressed)
}

#[cfg(test)]
mod tests {
    use libdeflater::Decompressor;

    use super::*;

    #[test]
    fn compresses_to_what_can_be_decompressed() {
        for content in [b"".to_vec(), b"a line of the licence\n".repeat(1_000)] {
            let compressed = compress(&content).unwrap();
            let mut decompressed = vec![0; content.len()];
            Decompressor::new().deflate_decompress(&compressed, &mut decompressed).unwrap();
            assert_eq!(decompressed, content);
        }
        assert!(compress(&b"a line of the licence\n".repeat(1_000)).unwrap().len() < 200);
    }
}
