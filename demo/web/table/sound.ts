/** The click of two pieces joining: a short knock, made on the spot. */
let audio: AudioContext | undefined;

export function click(): void {
  audio ??= new AudioContext();
  const now = audio.currentTime;
  const tone = audio.createOscillator();
  const loudness = audio.createGain();
  tone.type = "triangle";
  tone.frequency.setValueAtTime(1250, now);
  tone.frequency.exponentialRampToValueAtTime(320, now + 0.045);
  loudness.gain.setValueAtTime(0.0001, now);
  loudness.gain.exponentialRampToValueAtTime(0.22, now + 0.004);
  loudness.gain.exponentialRampToValueAtTime(0.0001, now + 0.07);
  tone.connect(loudness).connect(audio.destination);
  tone.start(now);
  tone.stop(now + 0.08);
}
