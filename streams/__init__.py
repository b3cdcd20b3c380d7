"""What happens: pure logic first, then the thin Faust agents that drive it."""
