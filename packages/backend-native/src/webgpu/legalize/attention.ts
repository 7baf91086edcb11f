/**
 * Attention on WebGPU: the forward is one kernel; the gradient is two, one for each query (dq) and one for each key (dk
 * and dv), so that nothing is summed by two.
 */
import type {
  AnyTemplate,
  AttentionGradTemplate,
  AttentionTemplate,
  TemplateKernel,
} from '../../kernel/template.ts';
import { runStep, type SingleStep } from '../../fuse/program.ts';

export type AnyAttention = AttentionTemplate | AttentionGradTemplate;

export const isAttention = (template: AnyTemplate): template is AnyAttention =>
  template.op === 'attention' || template.op === 'attentionGrad';

export function attentionSteps(kernel: TemplateKernel, template: AnyAttention): SingleStep[] {
  const parts = template.op === 'attention' ? [template] : [{ ...template, dk: null, dv: null }, { ...template, dq: null }].filter(({ dq, dk, dv }) => dq || dk || dv);
  return parts.map((part) => runStep({ ...kernel, template: part }) as SingleStep);
}
