"""What guards the edges: headers now; sessions, permissions and passwords come with the portals."""
