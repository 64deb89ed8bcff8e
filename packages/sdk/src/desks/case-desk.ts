/** Cases for the case tracker: whose they are is the applicant against the session's subject. */
import { isZhichengError } from '@zhicheng/core'
import type { CaseDesk } from '@zhicheng/host'
import type { Case, Intake } from '@zhicheng/intake'

/** Wires the intake engine into the host. */
export function createCaseDesk(intake: Intake): CaseDesk {
  return {
    async access(id, { subject }) {
      let found: Case
      try {
        found = await intake.readCase(id)
      } catch (error) {
        if (isZhichengError(error) && error.code === 'ERR_INTAKE_CASE_UNKNOWN') return 'absent'
        throw error
      }
      return found.applicant.issuer === subject.issuer && found.applicant.id === subject.id ? 'granted' : 'foreign'
    },
    read: async (id) => intake.view(await intake.readCase(id)),
    rate: async (id, rating) => intake.view(await intake.rate(id, rating)),
  }
}
