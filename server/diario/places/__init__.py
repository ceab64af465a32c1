"""Where second copies go: a folder, an SFTP server, an S3 store, behind one protocol (`place`); `address` opens one."""
