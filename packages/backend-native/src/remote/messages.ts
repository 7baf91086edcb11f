/**
 * What a page and the Worker that computes for it say to each other. Commands are done in order, so that nothing needs an
 * answer before the next is sent; questions are commands with an answer. Buffers and executables go by numbers that the page
 * gives out.
 */
import type { CompileOptions, DeviceInfo, Explanation, HostValue, TensorType, TypedArray, WeftErrorCode } from '@weftjs/graph';
import type { SerializedGraph } from '@weftjs/graph/serialize';
import type { PortableListing } from '../wasm/listing/listing.ts';

/** What is asked, by kind. */
export interface Questions {
  /** The first of all. `lock`: the name of the lock that the Worker holds for as long as it lives. */
  start: {
    readonly maxMemoryBytes: number;
    readonly threads: number | undefined;
    readonly relaxedSimd: boolean;
    readonly lock: string;
  };
  compile: { readonly executable: number; readonly graph: SerializedGraph; readonly options: CompileOptions };
  profile: { readonly executable: number };
  read: { readonly buffer: number };
  sync: Record<never, never>;
  /** The last of all. */
  end: Record<never, never>;
}

/** What is answered, by kind. */
export interface Answers {
  start: Started;
  compile: Compiled;
  profile: ExplanationFacts;
  read: TypedArray;
  sync: null;
  end: null;
}

export interface Started {
  readonly device: DeviceInfo;
  readonly composites: readonly string[];
  /** Composites that the Worker knows how to take apart. */
  readonly known: readonly string[];
  /** Whether the Worker holds the lock: environments without locks exist. */
  readonly isLocked: boolean;
}

export interface Compiled {
  readonly facts: ExplanationFacts;
  readonly listing: PortableListing;
}

/** An explanation as plain data, without the code of the kernels and what the page knows itself. */
export interface ExplanationFacts extends Omit<Explanation, 'graph' | 'toString'> {
  readonly text: string;
}

export type Kind = keyof Questions;
type Question = { [K in Kind]: { readonly kind: K; readonly request: number } & Questions[K] }[Kind];

export type Command =
  | Question
  | { readonly kind: 'upload'; readonly buffer: number; readonly type: TensorType; readonly data: TypedArray }
  /** Buffers by number. The outputs are buffers from `output` on. */
  | {
      readonly kind: 'run';
      readonly executable: number;
      readonly inputs: readonly HostValue[];
      readonly output: number;
    }
  | { readonly kind: 'free'; readonly buffer: number }
  | { readonly kind: 'drop'; readonly executable: number };

/** An error as plain data. */
export interface PackedError {
  readonly code: WeftErrorCode;
  readonly message: string;
}

export type Reply =
  | {
      readonly kind: 'answer';
      readonly request: number;
      readonly value: Answers[Kind];
      readonly reservedBytes: number;
    }
  | { readonly kind: 'refusal'; readonly request: number; readonly error: PackedError; readonly reservedBytes: number }
  /** Buffers that could not be made after all. */
  | { readonly kind: 'poisoned'; readonly buffers: readonly number[]; readonly error: PackedError };
