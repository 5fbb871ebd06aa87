/** In-memory ports of the ground floor, for tests of every package. */
export { ManualClock } from './manual-clock.ts';
