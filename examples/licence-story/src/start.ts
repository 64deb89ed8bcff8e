/** Starts everything the story needs: the department's server, the platform in its own process, the department wired to it. */
import { join } from 'node:path'
import type { Subject } from '@zhicheng/core'
import type { ArchivedCase } from './department/case-file.ts'
import { createDepartment, type Department } from './department/department.ts'
import { createPages } from './department/pages.ts'
import { createRoutes } from './department/routes.ts'
import type { Output } from './output.ts'
import { type Platform, startPlatform } from './platform.ts'
import { type DepartmentServer, listen } from './server.ts'

/** Everything, running. */
export interface Story {
  readonly server: DepartmentServer
  readonly platform: Platform
  readonly department: Department
  /** The first case that is archived. */
  readonly archived: Promise<ArchivedCase>
  close(): Promise<void>
}

/** Options of {@link startStory}. */
export interface StoryOptions {
  output: Output
  port: number
  platformPort: number
  /** Whether people shall be able to open the pages. */
  pages: boolean
}

// The persona of the local platform who works at the window.
const isClerk = ({ id }: Subject): boolean => id === '330100000007'

/** Starts it; whatever had started is stopped again when something else cannot. */
export async function startStory({ output, port, platformPort, pages }: StoryOptions): Promise<Story> {
  const server = await listen(port)
  let platform: Platform | undefined
  let department: Department | undefined
  const close = async (): Promise<void> => {
    await department?.close()
    await server.close()
    await platform?.stop()
  }
  try {
    platform = await startPlatform({ department: server.origin, port: platformPort })
    let archive: (result: ArchivedCase) => void = () => undefined
    const archived = new Promise<ArchivedCase>((resolve) => {
      archive = resolve
    })
    department = await createDepartment({
      registration: platform.registration,
      folder: join(output.folder, 'department'),
      async onIssued(_, { pdf, ofd }) {
        await output.write('licence.pdf', pdf)
        await output.write('licence.ofd', ofd)
      },
      onArchived: async (_, result) => archive(result),
    })
    const routes = createRoutes(department, { origin: server.origin, isClerk })
    server.serve(department.support.handle, routes, ...(pages ? [await createPages()] : []))
    return { server, platform, department, archived, close }
  } catch (error) {
    await close()
    throw error
  }
}
