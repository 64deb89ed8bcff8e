/** Packages in files and folders: reading, writing, and the functions behind the command line. */
export { type CheckPathOptions, checkPath } from './node/check-path.ts'
export { type DepositPathOptions, depositPath } from './node/deposit-path.ts'
export { type FolderPackageOptions, folderPackage } from './node/folder-package.ts'
export { nodeDigests } from './node/node-digests.ts'
export { type PackDirectoryOptions, packDirectory } from './node/pack-directory.ts'
export { openPackageOutput, type PackageOutput } from './node/package-output.ts'
