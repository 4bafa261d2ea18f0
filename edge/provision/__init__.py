"""What an installation is given before it runs: certificates, the broker's files, the machine's."""
