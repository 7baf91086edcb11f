/** What code has chosen: the weakest link of no import, so that everything about configuration can read it. */
import type { Engine } from '../core/engine/engine.ts';
import type { ConfigLayer } from './schema.ts';

export const chosen: {
  /** What `configure` said last. */
  layer: ConfigLayer | null;
  /** The engine that work goes to. */
  engine: Engine | null;
} = { layer: null, engine: null };
