#!/bin/bash
# Draws the clips and writes frames.txt: for every frame its clip, number and the SHA-256 of its NV12 bytes.
#
# frames.txt does not come from the code under test, nor, where there is a choice, from its decoders:
#   h264  the encoder's own reconstruction has to equal what ffmpeg decodes, in plain C (-cpuflags 0)
#   hevc  every frame carries the encoder's MD5 of its reconstruction, and ffmpeg has to find it right, in plain C
#   vp9   decoded by libvpx (the player uses FFmpeg's own decoder)
#   av1   decoded by libaom (the player uses dav1d)
# Those of mpeg4, JPEG and scaling are not the same on every CPU: their golden pictures are those of x86-64 by decode_test
# (its path as the argument; without it they stay), kept in H.264 without loss, which is.
# Tagged BT.709 limited range, so that the player has nothing to convert. A clip that is there stays as it is, and
# frames.txt must then come out the same; a clip that is drawn anew depends on the version of its encoder.
set -euo pipefail
[ -z "${1:-}" ] || set -- "$(readlink -f "$1")"
cd "$(dirname "$(readlink -f "$0")")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# A turning picture with moving parts and noise: prediction between frames, deblocking, SAO and CDEF have work to do.
scene="testsrc2=s=176x144:r=25,rotate=0.03*sin(n/5):c=gray,noise=alls=7:allf=t"

# draw CLIP ffmpeg's encoder and its options...
draw() {
  local clip=$1
  shift
  [ -e "$clip" ] && return 0
  ffmpeg -nostdin -loglevel error -f lavfi -i "$scene" -frames:v 24 -g 12 -pix_fmt yuv420p \
    -color_range tv -colorspace bt709 -color_primaries bt709 -color_trc bt709 \
    -bitexact -flags:v +bitexact -fflags +bitexact -c:v "$@" "$clip"
}

# decode CLIP "ffmpeg's muxer and its options" ffmpeg's decoder and its options...: to stdout
decode() {
  local clip=$1 muxer=$2
  shift 2
  # shellcheck disable=SC2086
  ffmpeg -nostdin -loglevel error -xerror -cpuflags 0 -c:v "$@" -i "$clip" -fps_mode passthrough -c:v rawvideo $muxer -
}

# hashes CLIP decoder...
hashes() {
  local clip=$1
  shift
  decode "$clip" "-pix_fmt nv12 -f framehash -hash sha256" "$@" > "$scratch/hashes"
  sed -n 's/^0,.* \([0-9a-f]\{64\}\)$/\1/p' "$scratch/hashes" | awk -v clip="$clip" '{ print clip, NR - 1, $1 }'
}

if [ ! -e h264.mp4 ]; then
  draw h264.mp4 libx264 -preset slower -crf 30 -bf 3 -x264-params "dump-yuv=$scratch/h264.yuv"
  decode h264.mp4 "-f rawvideo" h264 | cmp - "$scratch/h264.yuv"
fi
draw hevc.mp4 libx265 -preset slower -crf 32 -tag:v hvc1 -x265-params log-level=error:bframes=4:hash=1
draw vp9.webm libvpx-vp9 -crf 50 -b:v 0 -cpu-used 1 -auto-alt-ref 1 -lag-in-frames 16
draw av1.webm libaom-av1 -crf 42 -b:v 0 -cpu-used 3

{
  hashes h264.mp4 h264
  hashes hevc.mp4 hevc -err_detect crccheck+explode
  hashes vp9.webm libvpx-vp9
  hashes av1.webm libaom-av1
} > "$scratch/frames.txt"
[ "$(wc -l < "$scratch/frames.txt")" = 96 ] || { echo "make.sh: not 24 frames in each clip" >&2; exit 1; }
mv "$scratch/frames.txt" frames.txt

draw mpeg4.mp4 mpeg4 -q:v 7 -bf 2
[ -e still.jpg ] || ffmpeg -nostdin -loglevel error -f lavfi -i "$scene" -frames:v 1 -pix_fmt yuvj420p -q:v 5 \
  -bitexact -flags:v +bitexact -update 1 still.jpg

# lossless CLIP WIDTHxHEIGHT
lossless() {
  ffmpeg -nostdin -loglevel error -y -f rawvideo -pix_fmt nv12 -s "$2" -r 25 -i "$scratch/$1.nv12" -pix_fmt yuv420p \
    -color_range tv -colorspace bt709 -color_primaries bt709 -color_trc bt709 \
    -bitexact -flags:v +bitexact -fflags +bitexact -c:v libx264 -preset veryslow -qp 0 "$1"
}
if [ -n "${1:-}" ]; then
  VITRINE_NEAR_OUT=$scratch "$1" -tc="*within two codes of the golden*" > /dev/null
  lossless near.mp4 176x144
  lossless near-scaled.mp4 128x96
fi
