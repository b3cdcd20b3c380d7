import type { Prepared } from '../prepare';

/** What each panel's component is given: what it shows, and the room inside the panel in pixels. */
export interface Sized {
  prepared: Prepared;
  width: number;
  height: number;
}
