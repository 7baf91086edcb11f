/**
 * Attention on WebGPU: the forward is one kernel; the gradient is two, one for each query (dq) and one for each key (dk
 * and dv), so that nothing is summed by two.
 */
import type { Storage } from '../../kernel/expression.ts';
import type {
  AnyTemplate,
  AttentionGradTemplate,
  AttentionTemplate,
  TemplateKernel,
  View,
} from '../../kernel/template.ts';
import { runStep, type SingleStep } from '../../fuse/program.ts';

export type AnyAttention = AttentionTemplate | AttentionGradTemplate;

export const isAttention = (template: AnyTemplate): template is AnyAttention =>
  template.op === 'attention' || template.op === 'attentionGrad';

export function attentionSteps(kernel: TemplateKernel, template: AnyAttention): SingleStep[] {
  const step = (part: AnyAttention): SingleStep => runStep({ ...kernel, template: part }) as SingleStep;
  if (template.op === 'attention') return [step(template)];
  const byQuery = template.dq ? [step({ ...template, dk: null, dv: null })] : [];
  const byKey = template.dk || template.dv ? [step({ ...template, dq: null })] : [];
  return [...byQuery, ...byKey];
}

/** Puts other storages in the place of a template's. */
export function renameAttention(template: AnyAttention, storageTo: ReadonlyMap<Storage, Storage>): AnyAttention {
  const target = <S extends Storage | null>(storage: S): S =>
    storage ? ((storageTo.get(storage) ?? storage) as S) : storage;
  const view = <V extends View | null>(old: V): V => (old ? { ...old, storage: target(old.storage) } : old);
  const { q, k, v, mask } = template;
  const operands = { q: view(q), k: view(k), v: view(v), mask: view(mask) };
  if (template.op === 'attention') {
    return {
      ...template,
      ...operands,
      y: target(template.y),
      largest: target(template.largest),
      total: target(template.total),
    };
  }
  const { dy, largest, total, shift, dq, dk, dv } = template;
  return {
    ...template,
    ...operands,
    dy: view(dy),
    shift: view(shift),
    largest: target(largest),
    total: target(total),
    dq: target(dq),
    dk: target(dk),
    dv: target(dv),
  };
}
